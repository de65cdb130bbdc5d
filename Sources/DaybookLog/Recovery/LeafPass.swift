internal import DaybookCore

/// Looks into the batches of a large segment on a thread of its own and counts their Merkle leaves,
/// while the frames' checksums and chain are checked on the caller's: the two halves of reading a
/// segment cost about the same, and together they are what the time of a recovery goes into.
///
/// It trusts no more than a frame's own header; whoever uses the result has checked the frames.
final class LeafPass: Sendable {
    /// What it came to.
    struct Result: Sendable {
        /// Where it stopped: at the seal, at the end, or at what it could not read.
        var byteOffset: UInt64
        var frontier: MerkleFrontier
        /// At the offset that was asked for, if a frame ends there.
        var atMark: MerkleFrontier?
    }

    private let result = Monitor<Result?>(nil)

    /// - Parameters:
    ///   - frontier: at the segment's first frame.
    ///   - markOffset: where the frontier is of interest, apart from the end.
    init(
        _ segment: SegmentFile, from expectation: FrameExpectation, frontier: MerkleFrontier,
        markOffset: UInt64?, hash: HashFunction
    ) throws(EventLogError) {
        invariant(
            frontier.size + 1 == expectation.batchNumber, "LeafPass: it begins with the next batch")
        let start = Result(byteOffset: expectation.byteOffset, frontier: frontier)
        let result = result
        try WorkerThread.start("leaves") {
            let found = LeafPass.run(segment, from: start, markOffset: markOffset, hash: hash)
            result.change { $0 = found }
        }
    }

    /// Waits for the end.
    func finish() -> Result? { result.wait { $0 } }

    private static func run(
        _ segment: SegmentFile, from start: Result, markOffset: UInt64?, hash: HashFunction
    ) -> Result {
        let window = SegmentWindow(file: segment.file, readAhead: 1 << 20)
        let scratch = GrowingBuffer()
        let tables = BatchTables()
        var now = start
        func step() throws -> Bool {
            if now.byteOffset == markOffset { now.atMark = now.frontier }
            // A frame of another place would lead there, and round in circles.
            guard
                case .frame(let header, let frame) = try window.frame(
                    at: now.byteOffset, end: segment.byteCount),
                header.kind != .seal, header.byteOffset == now.byteOffset
            else { return false }
            if header.kind == .batches {
                let stored = frame.slice(FrameHeader.byteCount, Int(header.storedByteCount))
                guard Checksum.crc32c(stored) == header.payloadChecksum else { return false }
                let raw = try FramePayload.raw(of: header, frame: frame, scratch: scratch)
                var frontier = now.frontier
                _ = try FramePayload.visit(header, raw: raw, tables: tables) { batch in
                    try batch.validate()
                    frontier.append(leaf: hash.merkleLeaf(of: batch.message), hash: hash)
                    return true
                }
                invariant(
                    frontier.size == now.frontier.size + UInt64(header.batchCount),
                    "LeafPass: one leaf a batch")
                now.frontier = frontier
            }
            invariant(header.endOffset > now.byteOffset, "LeafPass: it goes forward, so it ends")
            now.byteOffset = header.endOffset
            return true
        }
        do {
            while try step() {}
        } catch {
            // Not judged here: the caller sees that it stopped too early and reads again by itself.
            return now
        }
        invariant(
            now.byteOffset <= max(segment.byteCount, start.byteOffset), "LeafPass: in the file")
        invariant(
            (now.atMark ?? now.frontier).size <= now.frontier.size,
            "LeafPass: the mark vouches for no more than was counted")
        return now
    }
}
