import DaybookDecisions
import Synchronization

/// Sends mails in their order and some at a time, so that no command waits for one and their outcomes
/// share their syncs; closing waits for those that were there.
final class MailQueue: Sendable {
    /// After a crash so many mails at most are handed over a second time. Each record has a sync: with fewer
    /// mails in one, there would be more syncs than for the orders that they are about.
    static let batchCount = 512
    /// Of a sender that takes its time, so many at most: the records cost it nothing then.
    static let slowBatchCount = 64
    /// Microseconds after which a sender of so many takes its time.
    static let slowBatchTime: Int64 = 20_000

    private struct State {
        /// Those before `first` were taken already.
        var waiting: [PendingIntent] = []
        var first = 0
        var isWorking = false
        var addedCount = 0
        var triedCount = 0
        /// Who waits until so many were tried.
        var drains: [(triedCount: Int, continuation: CheckedContinuation<Void, Never>)] = []
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
            state.addedCount += 1
            guard !state.isWorking else { return }
            state.isWorking = true
            Task(executorPreference: executor) { [self] in
                while let mails = next() {
                    await send(mails)
                    tried(mails.count)
                }
            }
        }
    }

    /// `nil` when nothing waits; the worker has ended then.
    private func next() -> [PendingIntent]? {
        state.withLock { state in
            let mails = Array(state.waiting[state.first...].prefix(MailQueue.batchCount))
            state.first += mails.count
            // Behind a bulk a million may wait, of which none is to be moved for each that is taken.
            if state.first * 2 >= state.waiting.count {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            guard !mails.isEmpty else {
                state.isWorking = false
                return nil
            }
            return mails
        }
    }

    private func tried(_ count: Int) {
        let done = state.withLock { state in
            state.triedCount += count
            let done = state.drains.filter { $0.triedCount <= state.triedCount }
            state.drains.removeAll { $0.triedCount <= state.triedCount }
            return done
        }
        for drain in done { drain.continuation.resume() }
    }

    /// Waits until everything added so far was tried; not for what is added meanwhile.
    func drain() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                guard state.triedCount < state.addedCount else { return true }
                state.drains.append((state.addedCount, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
