import DaybookCore
import DaybookLog
import Foundation

/// What is told to callers, projectors and reactors once a group is durable.
struct StagedWork: Sendable {
    /// `nil`: what is told rests on earlier groups only.
    var group: StagedGroup?
    /// Called with `nil` when durable, or with the reason why nobody knows.
    var completions: [@Sendable (DaybookError?) -> Void]

    /// Nothing: the commit thread looks how long it may sleep.
    static let wakeUp = StagedWork(group: nil, completions: [])
}

/// Makes groups durable, one after another: on a thread of its own, while the writer forms the next, or
/// on the writer's thread, which spares who is alone the ways from thread to thread.
///
/// Compress, hash, write, sync, mark: all in `LogCommitter.commit`. Only then are callers answered.
/// A full disk is no failure: the group waits until there is space, while new ones are refused.
/// After a failure nothing is ever acknowledged again on this log; every waiting caller is told that
/// the outcome is unknown.
final class CommitThread: Sendable {
    /// What came of a group: the head behind it, or why nobody knows.
    typealias Outcome = Result<LogHead, EventLogError>

    private let queue = WorkQueue<StagedWork>(capacity: 4)
    private let turn: CommitTurn
    private let waitForEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - committed: told after every group, before callers are.
    ///   - tell: told on this thread what came of each group that was handed over, before callers are; of a
    ///     failure once, and not of one that ``commitHere(_:)`` has returned.
    init(
        committer: LogCommitter, host: any EngineHost,
        committed: @escaping @Sendable (LogHead) -> Void,
        tell: @escaping @Sendable (Outcome) -> Void
    ) {
        let queue = queue
        // Where one loop does everything, nobody could make space while a step waits for it.
        let turn = CommitTurn(
            committer: committer, committed: committed,
            isEnding: { !host.isParallel || queue.isClosed(within: .milliseconds(250)) })
        self.turn = turn
        let loop = EngineLoop(
            "commit", queue: queue, patience: { turn.patience },
            perform: { groups in
                if groups.isEmpty { turn.idle(tell: tell) }
                for work in groups { turn.commit(work, tell: tell) }
            }, end: {})
        waitForEnd = host.start(loop)
    }

    func commit(_ work: StagedWork) {
        guard case .sent = queue.send(work) else {
            preconditionFailure("CommitThread: the writer hands over one group at a time")
        }
    }

    /// The same on the caller's thread, without telling anybody but the projectors.
    ///
    /// - Returns: `nil` when the group must be handed over: the thread is busy, or the disk is full.
    func commitHere(_ group: StagedGroup) -> Outcome? {
        guard let (outcome, isFirst) = turn.commitHere(group) else { return nil }
        // The thread makes the mark durable once nothing comes any more; it may sleep without end.
        if isFirst { commit(.wakeUp) }
        return outcome
    }

    /// Waits until everything handed over is done and ends the thread.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

extension DaybookError {
    /// What a request is told that was handed over to be committed and may be in the log or not.
    static func outcomeUnknown(after loss: EventLogError) -> DaybookError {
        DaybookError(
            .outcomeUnknown,
            "the log could not be written (\(loss)); whether this request is in it will be "
                + "known when the store is opened again: repeat the request with the same "
                + "idempotency key then")
    }
}

/// Moves a value that is used by one thread at a time into that thread.
///
/// Unchecked, because the compiler cannot see that the creator never touches the value again.
struct Confined<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
