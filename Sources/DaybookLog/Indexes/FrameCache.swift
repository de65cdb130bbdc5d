internal import DaybookCore

/// A decompressed frame, or its beginning, with the places of its batches.
final class CachedFrame: Sendable {
    let header: FrameHeader
    let raw: [UInt8]
    let batches: [Place]
    /// The last one whose batch is here.
    let lastPosition: LogPosition

    /// Where a batch lies.
    struct Place {
        var firstPosition: LogPosition
        /// Of its message in `raw`.
        var range: Range<Int>
    }

    /// All of a frame. Counts events to find the batches, and looks into none: a question reads one of hundreds.
    ///
    /// - Throws: when batches and events are not as many as the header says, or do not end.
    init(_ header: FrameHeader, raw: UnsafeRawBufferPointer) throws(BatchDefect) {
        var walk = Walk(header, raw)
        while try walk.step() {}
        guard walk.batches.count >= Int(header.batchCount),
            walk.eventCount >= Int(header.eventCount)
        else { throw BatchDefect("fewer than the frame's header says") }
        guard walk.batches.count == Int(header.batchCount),
            walk.eventCount == Int(header.eventCount)
        else { throw BatchDefect("more than the frame's header says") }
        invariant(walk.end == raw.count, "CachedFrame: batches take all of the frame")
        self.header = header
        self.raw = Array(raw)
        batches = walk.batches
        lastPosition = header.firstPosition.advanced(by: walk.eventCount - 1)
    }

    /// The batches of a frame up to one that is wanted. What stands behind it is not looked at: whether it is as the
    /// header says, `verify` tells.
    ///
    /// - Parameters:
    ///   - beginning: the first bytes of the frame's payload, or all.
    ///   - position: one that the header says the frame holds.
    /// - Returns: `nil` unless the batch with the position is whole in there.
    init?(_ header: FrameHeader, beginning: UnsafeRawBufferPointer, through position: LogPosition) {
        invariant(header.holds(position), "CachedFrame: what is wanted is in the frame")
        var walk = Walk(header, beginning)
        while walk.nextPosition <= position {
            // Cut off, or wrong: who reads all of it says which.
            guard (try? walk.step()) ?? false else { return nil }
        }
        guard walk.eventCount <= Int(header.eventCount),
            walk.batches.count <= Int(header.batchCount)
        else { return nil }
        self.header = header
        raw = Array(beginning.slice(0, walk.end))
        batches = walk.batches
        lastPosition = LogPosition(rawValue: walk.nextPosition.rawValue - 1)
    }

    private struct Walk {
        private var sequence: BatchSequence
        private let header: FrameHeader
        private let byteCount: Int
        private(set) var batches: [Place] = []
        private(set) var eventCount = 0

        init(_ header: FrameHeader, _ raw: UnsafeRawBufferPointer) {
            self.header = header
            byteCount = raw.count
            sequence = BatchSequence(
                raw, firstBatchNumber: header.firstBatchNumber, firstPosition: header.firstPosition)
            // A batch takes at least three bytes; what a header says may be anything.
            batches.reserveCapacity(min(Int(header.batchCount), raw.count / 3))
        }

        var nextPosition: LogPosition { header.firstPosition.advanced(by: eventCount) }
        var end: Int { byteCount - sequence.remainingByteCount }

        /// - Returns: whether there was another batch.
        mutating func step() throws(BatchDefect) -> Bool {
            guard let message = try sequence.nextMessage() else { return false }
            let position = nextPosition
            eventCount += try BatchView.eventCount(of: message)
            invariant(
                end <= byteCount && message.count <= end, "CachedFrame: batches lie in the frame")
            batches.append(
                Place(firstPosition: position, range: (end - message.count)..<end))
            return true
        }
    }

    func holds(_ position: LogPosition) -> Bool {
        header.holds(position) && position <= lastPosition
    }

    /// The batch that holds a position of this frame.
    func batchIndex(holding position: LogPosition) -> Int {
        invariant(holds(position), "CachedFrame: it is asked for what it holds")
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
            let index = frames.lastIndex(where: { $0.holds(position) })
        else { return nil }
        let frame = frames.remove(at: index)
        frames.append(frame)
        return frame
    }

    /// The header of the frame that holds a position, of which the position's batch may not be kept.
    func header(holding position: LogPosition) -> FrameHeader? {
        frames.last { $0.header.holds(position) }?.header
    }

    /// Takes the place of what was kept of the same frame.
    mutating func insert(_ frame: CachedFrame) {
        frames.removeAll { $0.header.frameNumber == frame.header.frameNumber }
        if frames.count >= FrameCache.limit { frames.removeFirst() }
        frames.append(frame)
        invariant(frames.count <= FrameCache.limit, "FrameCache: few frames are kept")
    }
}
