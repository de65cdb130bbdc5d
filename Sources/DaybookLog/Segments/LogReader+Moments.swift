package import DaybookCore

extension LogReader {
    /// The end of the last batch that the log held at a moment; `.start` before the first.
    ///
    /// A position inside a batch means the batch before it, for half a batch is never seen. A time means
    /// every batch up to the first one that was written and recorded later.
    ///
    /// - Returns: `nil` for a position beyond the head.
    /// - Throws: `.damaged`, `.io`.
    /// - Complexity: O(log n) frames.
    package func position(asOf moment: Moment) throws(EventLogError) -> LogPosition? {
        switch moment {
        case .position(.start): return .start
        case .position(let position):
            guard let batch = try batch(containing: position) else { return nil }
            return batch.lastPosition == position
                ? position : LogPosition(rawValue: batch.firstPosition.rawValue - 1)
        case .time(let time): return try position(at: time)
        }
    }

    private func position(at time: Instant) throws(EventLogError) -> LogPosition {
        // Frames carry times that never go back, so the first later one can be searched for.
        let head = head.position
        var low: UInt64 = 1
        var high = head.rawValue + 1
        while low < high {
            let middle = low + (high - low) / 2
            let found = try frame(holding: LogPosition(rawValue: middle)) {
                found, _ throws(EventLogError) in
                (time: found.header.time, positions: found.header.positions)
            }
            guard let found, let positions = found.positions else {
                throw LogReader.missing(LogPosition(rawValue: middle))
            }
            invariant(
                positions.contains(LogPosition(rawValue: middle)),
                "LogReader: each step leaves out the middle, so the search ends")
            if found.time > time {
                high = positions.lowerBound.rawValue
            } else {
                low = positions.upperBound.rawValue + 1
            }
        }
        // A batch is recorded before its frame is written.
        var position = LogPosition(rawValue: low - 1)
        while let next = try batch(containing: position.advanced(by: 1)),
            next.metadata.recordedAt <= time
        {
            position = next.lastPosition
        }
        return position
    }
}
