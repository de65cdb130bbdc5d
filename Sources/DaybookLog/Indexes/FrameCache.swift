internal import DaybookCore

/// A decompressed frame with the places of its batches.
final class CachedFrame: Sendable {
    let header: FrameHeader
    let raw: [UInt8]
    /// The first position of each batch, and where its message lies in `raw`.
    let batches: [(firstPosition: LogPosition, range: Range<Int>)]

    init(_ header: FrameHeader, raw: UnsafeRawBufferPointer) throws {
        self.header = header
        self.raw = Array(raw)
        var batches: [(LogPosition, Range<Int>)] = []
        let tables = BatchTables()
        _ = try FramePayload.visit(header, raw: raw, tables: tables) { batch in
            let start = established(batch.message.baseAddress, "CachedFrame: a batch has bytes")
            let base = established(raw.baseAddress, "CachedFrame: a frame of batches has bytes")
            let offset = start - base
            invariant(
                offset >= 0 && offset + batch.message.count <= raw.count,
                "CachedFrame: the batch lies in the frame")
            batches.append((batch.firstPosition, offset..<(offset + batch.message.count)))
            return true
        }
        invariant(
            batches.count == header.batchCount, "CachedFrame: as many batches as the header says")
        self.batches = batches
    }

    /// The batch that holds a position of this frame.
    func batchIndex(holding position: LogPosition) -> Int {
        invariant(header.holds(position), "CachedFrame: it is asked for what it holds")
        var low = 0
        var high = batches.count
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].firstPosition <= position { low = middle + 1 } else { high = middle }
        }
        invariant(low > 0, "CachedFrame: its first batch begins with its first position")
        return low - 1
    }

    func visit<Result>(
        batch index: Int, tables: BatchTables, _ body: (borrowing BatchView) throws -> Result
    ) throws -> Result {
        try raw.withUnsafeBytes { raw in
            let batch = try BatchView(
                raw.slice(batches[index].range.lowerBound, batches[index].range.count),
                number: header.firstBatchNumber + UInt64(index),
                firstPosition: batches[index].firstPosition, tables: tables)
            return try body(batch)
        }
    }
}

/// The frames that were used last. A point read that hits needs neither disk nor decompression.
struct FrameCache {
    /// The newest use last.
    private var frames: [CachedFrame] = []

    /// 16 frames of usually 64 KiB.
    private static let limit = 16

    mutating func frame(holding position: LogPosition) -> CachedFrame? {
        guard
            let index = frames.lastIndex(where: { $0.header.holds(position) })
        else { return nil }
        let frame = frames.remove(at: index)
        frames.append(frame)
        return frame
    }

    mutating func insert(_ frame: CachedFrame) {
        if frames.count >= FrameCache.limit { frames.removeFirst() }
        frames.append(frame)
        invariant(frames.count <= FrameCache.limit, "FrameCache: few frames are kept")
    }
}
