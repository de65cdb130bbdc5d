public import DaybookCore

/// What opening a store took, part by part: for whoever asks why a start was slow.
///
/// Without a trace of it in the store: the same store starts faster on another machine.
public struct StartReport: Hashable, Sendable {
    /// Opening the read models and, beside that, reading the newest snapshot.
    public var finding: Duration = .zero
    /// Taking the lock, recovering the end of the log.
    public var recovery: Duration = .zero
    /// Holding the snapshot against the log; an older one is read if it fails.
    public var snapshot: Duration = .zero
    /// Judging the read models, and making anew what could not be used.
    public var readModels: Duration = .zero
    /// Folding what came after the snapshot.
    public var folding: Duration = .zero
    /// Bringing up what follows the log, and the calls that an earlier run left open.
    public var catchUp: Duration = .zero
    /// The snapshot that the state was folded from; 0 without one.
    public var snapshotPosition: LogPosition = .start
    /// How many events were folded after it.
    public var foldedEventCount: UInt64 = 0

    /// Runs of idempotency keys that the snapshot named.
    package var keyRunCount = 0

    public init() {}
}

/// Measures one part of a start after another. Nothing is decided by it.
struct Stopwatch {
    private var last = ContinuousClock.now

    /// The time since the last lap.
    mutating func lap() -> Duration {
        let now = ContinuousClock.now
        defer { last = now }
        return last.duration(to: now)
    }
}
