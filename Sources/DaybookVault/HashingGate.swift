import Dispatch
import Synchronization

/// Lets few hashes run at once, so that logging in never starves the committer.
final class HashingGate: Sendable {
    private let slots = DispatchSemaphore(value: VaultLimits.concurrentHashCount)
    private let presentCount = Mutex(0)

    /// How many callers run or wait.
    var admittedCount: Int { presentCount.withLock { $0 } }

    /// Waits for a slot and runs the body in it.
    ///
    /// - Throws: ``VaultError`` `.busy` when too many wait already; otherwise what the body throws.
    func run<Value>(_ body: () throws(VaultError) -> Value) throws(VaultError) -> Value {
        let limit = VaultLimits.concurrentHashCount + VaultLimits.waitingHashCount
        let isAdmitted = presentCount.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw VaultError(
                .busy, "\(limit) password checks are running or waiting; try again in a moment")
        }
        defer { presentCount.withLock { $0 -= 1 } }
        slots.wait()
        defer { slots.signal() }
        return try body()
    }
}
