package import DaybookCore

/// How many checkpoint files of a read model are kept, and where in the log.
///
/// They stand about evenly over the log, so that a question about any past moment replays no more than
/// one interval: `interval` events apart, and twice as far apart each time there would be more than
/// `count` of them.
package struct CheckpointPolicy: Hashable, Sendable {
    /// The smallest distance, in events.
    package var interval: UInt64
    /// At most so many files for each read model; 0 keeps none.
    package var count: Int

    package init(interval: UInt64 = 16_384, count: Int = 4) {
        precondition(interval > 0 && count >= 0, "CheckpointPolicy: an interval of 0 events")
        self.interval = interval
        self.count = count
    }

    /// The distance for a log of this length.
    package func distance(atHead head: LogPosition) -> UInt64 {
        var distance = interval
        while count > 0, head.rawValue / distance > UInt64(count) { distance *= 2 }
        return distance
    }

    /// Whether a model that came from one position to another should be kept.
    ///
    /// - Parameter head: how far the log is known to go: copies that would be let go of before the model is
    ///   there are not made.
    package func isDue(
        at position: LogPosition, afterOneAt last: LogPosition?, head: LogPosition
    ) -> Bool {
        guard count > 0 else { return false }
        let distance = distance(atHead: max(position, head))
        return position.rawValue / distance > (last?.rawValue ?? 0) / distance
    }

    /// Which of the positions to go on keeping: in every interval the first.
    package func kept(of positions: [LogPosition], atHead head: LogPosition) -> Set<LogPosition> {
        guard count > 0 else { return [] }
        let distance = distance(atHead: head)
        var slots: [UInt64: LogPosition] = [:]
        for position in positions.sorted() {
            let slot = position.rawValue / distance
            if slot > 0, slots[slot] == nil { slots[slot] = position }
        }
        return Set(slots.values)
    }
}
