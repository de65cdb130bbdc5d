import DaybookCore
import DaybookDecisions
import Synchronization

/// The addresses that mails went to, as the log has them: sealed.
///
/// Who orders once gets several mails, and reading a registration takes a frame of the log each time,
/// which costs more than all the rest of a mail. Nothing here can be read without the person's key: what
/// is erased stays erased. Thread-safe.
final class SealedAddresses: Sendable {
    private struct Entry: Sendable {
        var registration: LogPosition
        var address: Sealed
    }

    /// Some 200 bytes each; beyond it those that were not asked for lately are forgotten.
    static let limit = 32_768

    private let entries = Mutex(RecentValues<UserID, Entry>(limit: limit))

    /// The address in the registration at a position; asks `read` for one that is not remembered.
    ///
    /// - Parameter read: `nil` when the position holds no registration of the user; that is not remembered.
    func address(
        of user: UserID, registeredAt position: LogPosition, _ read: () throws -> Sealed?
    ) rethrows -> Sealed? {
        if let entry = entries.withLock({ $0.use(user) }), entry.registration == position {
            return entry.address
        }
        guard let address = try read() else { return nil }
        entries.withLock {
            $0.set(Entry(registration: position, address: address), for: user)
        }
        return address
    }
}
