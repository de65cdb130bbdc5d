public import DaybookCore

/// Tells when a read model has come further.
public protocol PositionSignal: Sendable {
    /// Suspends until the model has reached the position or the time is up, whichever comes first.
    ///
    /// A waiter may also be woken early: the caller looks at the model again in any case.
    func wait(
        for model: ReadModelName, toReach position: LogPosition, atMost timeout: Duration
    ) async
}
