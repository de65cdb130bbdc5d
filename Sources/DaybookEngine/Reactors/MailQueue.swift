import DaybookDecisions
import Synchronization

/// Sends mails in their order and some at a time, so that no command waits for one and their outcomes
/// share their syncs; closing waits for all of them.
final class MailQueue: Sendable {
    /// After a crash so many mails at most are handed over a second time.
    static let batchCount = 64

    private struct State {
        var waiting: [PendingIntent] = []
        var worker: Task<Void, Never>?
    }

    private let executor: (any TaskExecutor)?
    private let state = Mutex(State())

    /// - Parameter executor: where the mails are sent from; `nil`: where all tasks run.
    init(executor: (any TaskExecutor)?) {
        self.executor = executor
    }

    /// - Parameter send: sends mails and records what came of them.
    func add(
        _ mail: PendingIntent, _ send: @escaping @Sendable ([PendingIntent]) async -> Void
    ) {
        state.withLock { state in
            state.waiting.append(mail)
            guard state.worker == nil else { return }
            state.worker = Task(executorPreference: executor) { [self] in
                while let mails = next() { await send(mails) }
            }
        }
    }

    /// `nil` when nothing waits; the worker has ended then.
    private func next() -> [PendingIntent]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.worker = nil
                return nil
            }
            defer { state.waiting.removeFirst(min(MailQueue.batchCount, state.waiting.count)) }
            return Array(state.waiting.prefix(MailQueue.batchCount))
        }
    }

    /// Waits until everything added so far was tried.
    func drain() async {
        while let worker = state.withLock({ $0.worker }) { await worker.value }
    }
}
