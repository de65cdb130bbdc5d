import DaybookCore
import Synchronization

/// A clock that goes only when it is told to.
final class SetClock: Sendable {
    static let noon = Instant(microseconds: 1_735_732_800_000_000)

    private let current = Mutex(SetClock.noon)

    var now: Instant { current.withLock { $0 } }

    func advance(bySeconds seconds: Int64) {
        current.withLock { $0 = $0.advanced(bySeconds: seconds) }
    }

    func set(to instant: Instant) {
        current.withLock { $0 = instant }
    }
}
