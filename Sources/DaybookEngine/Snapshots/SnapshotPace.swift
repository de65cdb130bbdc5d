import DaybookCore

/// When the next snapshot beside a running store is worth its cost.
///
/// A restart folds what came after the newest one, some hundred thousand events in a fraction of a second:
/// until so much came, none is needed. And since a snapshot costs more as the state grows, the next one
/// comes no sooner than eight times the processor time of the last one: no more than a ninth of one processor
/// goes into them, however large the state is and however fast the store is written.
struct SnapshotPace: Sendable {
    /// So many events are folded in no time.
    let eventCount: UInt64
    /// The position of the newest snapshot, or of one that failed: it is not tried again at once.
    private(set) var newest: LogPosition
    /// No earlier than this; `nil`: whenever there are enough events.
    private var restsUntil: ContinuousClock.Instant?

    private static let restFactor = 8

    init(every eventCount: UInt64, since newest: LogPosition) {
        self.eventCount = max(eventCount, 1)
        self.newest = newest
    }

    /// - Parameter now: asked only when there are enough events; `nil` where time does not count.
    func isDue(at head: LogPosition, now: () -> ContinuousClock.Instant?) -> Bool {
        guard head.rawValue >= newest.rawValue + eventCount else { return false }
        guard let restsUntil, let now = now() else { return true }
        return now >= restsUntil
    }

    /// A snapshot was written, or could not be.
    ///
    /// - Parameters:
    ///   - cost: the processor time that it took; `nil` where time does not count.
    ///   - now: when it was done.
    mutating func note(
        _ position: LogPosition, cost: Duration?, at now: ContinuousClock.Instant?
    ) {
        newest = max(newest, position)
        guard let cost, let now else { return }
        restsUntil = now + cost * SnapshotPace.restFactor
    }
}
