internal import DaybookCore

@testable internal import DaybookLog

/// One frame: header, payload, padding. The first byte says what is put right before it is read:
/// 1 checksums, 2 magic, kind, codec and lengths, 4 numbers and chain.
enum FrameTarget {
    private static let start: UInt64 = 4_096
    private static let chain = HashFunction.cheap.genesisChain(of: LogID(rawValue: 7))
    nonisolated(unsafe) private static let scratch = GrowingBuffer()
    nonisolated(unsafe) private static let tables = BatchTables()
    private static let segmentHeader = [UInt8](repeating: 0, count: SegmentHeader.byteCount)

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > FrameHeader.byteCount else { return }
        let flags = input[0]
        var bytes = Array(input[1...])
        if flags & 2 != 0 { mendShape(&bytes, flags) }
        if flags & 4 != 0 { mendNumbers(&bytes) }
        if flags & 1 != 0 {
            Checksums.mendFrame(
                &bytes, at: 0, payload: true, chainAfter: flags & 4 != 0 ? chain : nil)
        }
        read(bytes)
    }

    private static func mendShape(_ bytes: inout [UInt8], _ flags: UInt8) {
        let stored = bytes.count - FrameHeader.byteCount
        bytes += [UInt8](repeating: 0, count: (8 - stored % 8) % 8)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.store(FrameHeader.magic, at: 0)
            bytes[4] = 1 + (bytes[4] &- 1) % 3
            bytes[5] = flags >> 3 & 1
            bytes[6] = 0
            bytes.store(UInt32(stored), at: 8)
            let raw = UnsafeRawBufferPointer(bytes).uint32(at: 12)
            bytes.store(bytes[5] == 0 ? UInt32(stored) : raw % (255 * UInt32(stored) + 64), at: 12)
            if bytes[4] != 1 { bytes.store(UInt64(0), at: 40) }
            bytes.store(UInt64(0), at: 64)
        }
    }

    private static func mendNumbers(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { bytes in
            bytes.store(start, at: 104)
            bytes.store(start, at: 112)
        }
    }

    private static func read(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            guard let header = try? FrameHeader(decoding: bytes) else { return }
            checkRoundTrip(header, bytes)
            _ = header.positions
            _ = header.endOffset
        }
        let end = start + UInt64(bytes.count)
        let file = MemoryFile("frame", bytes, startingAt: start)
        let window = SegmentWindow(file: file, readAhead: 512)
        guard case .frame(let header, let frame)? = try? window.frame(at: start, end: end) else {
            return
        }
        let expectation = expectation(of: header)
        _ = try? expectation.check(header, segmentTag: header.segmentTag)
        _ = try? expectation.check(header, frame: frame, hash: .cheap)
        readPayload(header, frame)
        walk(SegmentWindow(file: file, readAhead: 512), expectation, header, end)
    }

    private static func expectation(of header: FrameHeader) -> FrameExpectation {
        FrameExpectation(
            byteOffset: start, frameNumber: header.frameNumber,
            batchNumber: header.firstBatchNumber, position: header.firstPosition,
            time: header.time, writerEpoch: header.writerEpoch, chain: chain)
    }

    /// What decodes must encode to the same bytes.
    private static func checkRoundTrip(_ header: FrameHeader, _ bytes: UnsafeRawBufferPointer) {
        var again = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        again.withUnsafeMutableBytes { again in
            header.encodePortable(into: again)
            header.encodeRest(into: again)
        }
        require(
            again.elementsEqual(bytes.prefix(FrameHeader.byteCount)),
            "a frame header does not encode to what it was decoded from")
    }

    private static func readPayload(_ header: FrameHeader, _ frame: UnsafeRawBufferPointer) {
        guard let raw = try? FramePayload.raw(of: header, frame: frame, scratch: scratch) else {
            return
        }
        require(raw.count == Int(header.rawByteCount), "a payload has not its raw length")
        _ = try? FramePayload.visit(header, raw: raw, tables: tables) { batch in
            try batch.validate()
            return true
        }
    }

    private static func walk(
        _ window: SegmentWindow, _ expectation: FrameExpectation, _ header: FrameHeader,
        _ end: UInt64
    ) {
        let tally = segmentHeader.withUnsafeBytes {
            SegmentTally(segmentHeader: $0, hash: .cheap)
        }
        let walker = FrameWalker(
            window: window, hash: .cheap, segmentTag: header.segmentTag, expectation: expectation,
            tally: tally, frontier: MerkleFrontier())
        guard case .frame? = try? walker.step(end: end) else { return }
        require(
            walker.expectation.byteOffset <= end, "a frame reaches beyond the end of its file")
        _ = walker.expectation.head
        _ = try? walker.step(end: end)
    }
}
