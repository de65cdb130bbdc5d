import Synchronization

/// Runs mails one after another, so that no command waits for one; closing waits for all of them.
final class MailQueue: Sendable {
    private let executor: (any TaskExecutor)?
    private let last = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter executor: where the mails are sent from; `nil`: where all tasks run.
    init(executor: (any TaskExecutor)?) {
        self.executor = executor
    }

    func add(_ send: @escaping @Sendable () async -> Void) {
        last.withLock { last in
            let previous = last
            last = Task(executorPreference: executor) {
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
