import Synchronization

/// Runs mails one after another, so that no command waits for one; closing waits for all of them.
final class MailQueue: Sendable {
    private let last = Mutex<Task<Void, Never>?>(nil)

    func add(_ send: @escaping @Sendable () async -> Void) {
        last.withLock { last in
            let previous = last
            last = Task {
                await previous?.value
                await send()
            }
        }
    }

    /// Waits until everything added so far was tried.
    func drain() async {
        await last.withLock { $0 }?.value
    }
}
