package import DaybookCore

/// A wall clock that moves only when the simulation says so. Confined to the simulation's thread.
package final class SimulatedClock {
    package var now = Instant(microseconds: 1_700_000_000_000_000)

    package init() {}

    /// The form in which the log takes a clock.
    package var read: @Sendable () -> Instant { { self.now } }

    package func advance(microseconds: Int64) {
        now = Instant(microseconds: now.microseconds + microseconds)
    }
}

/// Unchecked: a simulation has one thread, and the log's clock must be `Sendable`.
extension SimulatedClock: @unchecked Sendable {}
