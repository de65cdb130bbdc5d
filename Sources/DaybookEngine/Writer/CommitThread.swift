import DaybookCore
import DaybookLog
import Foundation

/// What is told to callers, projectors and reactors once a group is durable.
struct StagedWork: Sendable {
    /// `nil`: what is told rests on earlier groups only.
    var group: StagedGroup?
    /// Called with `nil` when durable, or with the reason why nobody knows.
    var completions: [@Sendable (DaybookError?) -> Void]
}

/// The thread that makes groups durable, one after another, while the writer forms the next.
///
/// Compress, hash, write, sync, mark: all in `LogCommitter.commit`. Only then are callers answered.
/// A full disk is no failure: the group waits until there is space, while new ones are refused.
/// After a failure nothing is ever acknowledged again on this log; every waiting caller is told that
/// the outcome is unknown.
final class CommitThread: Sendable {
    private let queue = WorkQueue<StagedWork>(capacity: 4)
    private let waitForEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - committed: told after every group, on this thread, before callers are.
    ///   - failed: told once, with what went wrong.
    init(
        committer: LogCommitter, host: any EngineHost,
        committed: @escaping @Sendable (LogHead) -> Void,
        failed: @escaping @Sendable (EventLogError) -> Void
    ) {
        let queue = queue
        // The committer is confined to this loop from here on. Where one loop does everything, nobody
        // could make space while a step waits for it.
        var round = Round(
            committer: committer, committed: committed, failed: failed,
            isEnding: { !host.isParallel || queue.isClosed(within: .milliseconds(250)) })
        let loop = EngineLoop(
            "commit", queue: queue, patience: { round.patience },
            perform: { groups in
                if groups.isEmpty { round.idle() }
                for work in groups { round.commit(work) }
            }, end: {})
        waitForEnd = host.start(loop)
    }

    func commit(_ work: StagedWork) {
        guard case .sent = queue.send(work) else {
            preconditionFailure("CommitThread: the writer hands over one group at a time")
        }
    }

    /// Waits until everything handed over is done and ends the thread.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

/// What the commit thread knows between two looks at its queue.
private struct Round {
    let committer: LogCommitter
    let committed: @Sendable (LogHead) -> Void
    let failed: @Sendable (EventLogError) -> Void
    /// Waits for a while; whether there is no more time to wait for space.
    let isEnding: () -> Bool
    private var isMarkBehind = false
    /// After a failure nothing is written any more: a later group must not overtake a lost one.
    private var loss: EventLogError?

    init(
        committer: LogCommitter, committed: @escaping @Sendable (LogHead) -> Void,
        failed: @escaping @Sendable (EventLogError) -> Void, isEnding: @escaping () -> Bool
    ) {
        self.committer = committer
        self.committed = committed
        self.failed = failed
        self.isEnding = isEnding
    }

    /// How long the mark may be behind the log (LOG.md 2.2), and how soon a full disk is looked at
    /// again: nothing is staged then, so no commit would ever come by.
    var patience: DispatchTimeInterval {
        if loss != nil { return .never }
        if isMarkBehind { return .milliseconds(50) }
        return committer.isDiskFull ? .milliseconds(250) : .never
    }

    mutating func idle() {
        isMarkBehind = false
        guard loss == nil else { return }
        do throws(EventLogError) {
            try committer.syncMark()
        } catch {
            lose(error)
        }
    }

    mutating func commit(_ work: StagedWork) {
        if loss == nil, let group = work.group {
            do throws(EventLogError) {
                let head = try commitWhenThereIsSpace(group)
                isMarkBehind = true
                committed(head)
            } catch {
                lose(error)
            }
        }
        let unknown = loss.map(DaybookError.outcomeUnknown)
        for completion in work.completions { completion(unknown) }
    }

    /// Commits the same group again and again while the disk is full. Nothing more is staged then:
    /// requests are refused with `no_space`.
    private func commitWhenThereIsSpace(_ group: StagedGroup) throws(EventLogError) -> LogHead {
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

    private mutating func lose(_ error: EventLogError) {
        loss = error
        var failure = error
        // Whatever it was: it does not heal by itself any more.
        failure.code = .poisoned
        failed(failure)
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
