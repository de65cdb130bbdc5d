import DaybookLog
import Dispatch
import Synchronization

/// The committer, used by the commit thread or by the writer's in its place, one at a time.
final class CommitTurn: Sendable {
    private struct State {
        let committer: LogCommitter
        /// The newest group is durable, and the mark behind it is not.
        var isMarkBehind = false
        /// The writer's thread has committed since the commit thread last looked.
        var hasMoved = false
        /// After a failure nothing is written any more: a later group must not overtake a lost one.
        var loss: EventLogError?
    }

    private let state: Mutex<State>
    private let committed: @Sendable (LogHead) -> Void
    /// Waits for a while; whether there is no more time to wait for space.
    private let isEnding: @Sendable () -> Bool

    init(
        committer: LogCommitter, committed: @escaping @Sendable (LogHead) -> Void,
        isEnding: @escaping @Sendable () -> Bool
    ) {
        state = Mutex(State(committer: committer))
        self.committed = committed
        self.isEnding = isEnding
    }

    /// How long the commit thread may sleep: the mark may be behind the log for 50 ms (LOG.md 2.2), which are
    /// two sleeps where the writer's thread commits, too; and a full disk is looked at again, since nothing
    /// is staged then and no commit would ever come by.
    var patience: DispatchTimeInterval {
        // The writer's thread is committing: its mark will be behind. It must not wait for this look.
        state.withLockIfAvailable { state in
            if state.loss != nil { return .never }
            if state.isMarkBehind { return .milliseconds(25) }
            return state.committer.isDiskFull ? .milliseconds(250) : .never
        } ?? .milliseconds(25)
    }

    /// Nothing came for as long as the thread is patient.
    func idle(tell: (CommitThread.Outcome) -> Void) {
        _ = state.withLockIfAvailable { state in
            guard state.loss == nil else { return }
            guard !state.hasMoved else {
                state.hasMoved = false
                return
            }
            state.isMarkBehind = false
            do throws(EventLogError) {
                try state.committer.syncMark()
            } catch {
                state.loss = error
                tell(.failure(error))
            }
        }
    }

    func commit(_ work: StagedWork, tell: (CommitThread.Outcome) -> Void) {
        let loss = state.withLock { state in
            guard state.loss == nil, let group = work.group else { return state.loss }
            do throws(EventLogError) {
                let head = try commitWhenThereIsSpace(group, with: state.committer)
                state.isMarkBehind = true
                committed(head)
                tell(.success(head))
            } catch {
                state.loss = error
                tell(.failure(error))
            }
            return state.loss
        }
        let unknown = loss.map(DaybookError.outcomeUnknown)
        for completion in work.completions { completion(unknown) }
    }

    /// Commits on the writer's thread.
    ///
    /// - Returns: what came of it, and whether the mark was not behind before; `nil` when nothing was done, since
    ///   the commit thread has its turn, the disk is full or the log is lost.
    func commitHere(_ group: StagedGroup) -> (outcome: CommitThread.Outcome, isFirst: Bool)? {
        let done = state.withLockIfAvailable {
            state -> (outcome: CommitThread.Outcome, isFirst: Bool)? in
            guard state.loss == nil else { return nil }
            do throws(EventLogError) {
                let head = try state.committer.commit(group)
                let isFirst = !state.isMarkBehind
                state.isMarkBehind = true
                state.hasMoved = true
                committed(head)
                return (.success(head), isFirst)
            } catch {
                if error.code == .noSpace, !state.committer.isPoisoned { return nil }
                state.loss = error
                return (.failure(error), false)
            }
        }
        return done ?? nil
    }

    /// Commits the same group again and again while the disk is full. Nothing more is staged then:
    /// requests are refused with `no_space`.
    private func commitWhenThereIsSpace(
        _ group: StagedGroup, with committer: LogCommitter
    ) throws(EventLogError) -> LogHead {
        while true {
            do throws(EventLogError) {
                return try committer.commit(group)
            } catch {
                guard error.code == .noSpace, !committer.isPoisoned, !isEnding() else {
                    throw error
                }
            }
        }
    }
}

extension CommitThread.Outcome {
    /// Why nobody knows what became of the group; `nil` when it is durable.
    var loss: EventLogError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
