internal import DaybookCore

/// A decompressed frame with the places of its batches.
final class CachedFrame: Sendable {
    let header: FrameHeader
    let raw: [UInt8]
    let batches: [Place]

    /// Where a batch lies.
    struct Place {
        var firstPosition: LogPosition
        /// Of its message in `raw`.
        var range: Range<Int>
    }

    /// Counts events to find the batches, and looks into none: a question reads one of hundreds.
    ///
    /// - Throws: when batches and events are not as many as the header says, or do not end.
    init(_ header: FrameHeader, raw: UnsafeRawBufferPointer) throws(BatchDefect) {
        self.header = header
        self.raw = Array(raw)
        var batches: [Place] = []
        // A batch takes at least three bytes; what a header says may be anything.
        batches.reserveCapacity(min(Int(header.batchCount), raw.count / 3))
        var sequence = BatchSequence(
            raw, firstBatchNumber: header.firstBatchNumber, firstPosition: header.firstPosition)
        var eventCount = 0
        while let message = try sequence.nextMessage() {
            let position = header.firstPosition.advanced(by: eventCount)
            eventCount += try BatchView.eventCount(of: message)
            let end = raw.count - sequence.remainingByteCount
            invariant(
                end <= raw.count && message.count <= end, "CachedFrame: batches lie in the frame")
            batches.append(
                Place(firstPosition: position, range: (end - message.count)..<end))
        }
        guard batches.count >= Int(header.batchCount), eventCount >= Int(header.eventCount) else {
            throw BatchDefect("fewer than the frame's header says")
        }
        guard batches.count == Int(header.batchCount), eventCount == Int(header.eventCount) else {
            throw BatchDefect("more than the frame's header says")
        }
        invariant(
            batches.last?.range.upperBound == raw.count,
            "CachedFrame: batches take all of the frame")
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
        invariant(
            batches[low - 1].firstPosition <= position,
            "CachedFrame: the batch begins with the position or before")
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
