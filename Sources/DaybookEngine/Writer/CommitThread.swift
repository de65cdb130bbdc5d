import DaybookCore
import DaybookLog
import Foundation

/// What is told to callers, projectors and reactors once a group is durable.
struct StagedWork: Sendable {
    var group: StagedGroup
    /// Called with `nil` when durable, or with the reason why nobody knows.
    var completions: [@Sendable (DaybookError?) -> Void]
}

/// The thread that makes groups durable, one after another, while the writer forms the next.
///
/// Compress, hash, write, sync, mark: all in `LogCommitter.commit`. Only then are callers answered.
/// After a failure nothing is ever acknowledged again on this log; every waiting caller is told that
/// the outcome is unknown.
final class CommitThread: Sendable {
    /// How long the mark may be behind the log; LOG.md 2.2.
    private static let markPatience = DispatchTimeInterval.milliseconds(50)

    private let queue = WorkQueue<StagedWork>(capacity: 4)
    private let finished = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - committed: told after every group, on this thread, before callers are.
    ///   - failed: told once, with what went wrong.
    init(
        committer: LogCommitter,
        committed: @escaping @Sendable (LogHead) -> Void,
        failed: @escaping @Sendable (EventLogError) -> Void
    ) {
        let queue = queue
        let finished = finished
        // The committer is confined to this thread from here on.
        let confined = Confined(committer)
        let thread = Thread {
            var isMarkBehind = false
            while let groups = queue.receiveAll(
                patience: isMarkBehind ? CommitThread.markPatience : .never)
            {
                if groups.isEmpty {
                    // Idle: the mark catches up, so that a power cut now is told from damage.
                    do throws(EventLogError) {
                        try confined.value.syncMark()
                    } catch {
                        failed(error)
                    }
                    isMarkBehind = false
                }
                for work in groups {
                    isMarkBehind = true
                    do throws(EventLogError) {
                        let head = try confined.value.commit(work.group)
                        committed(head)
                        for completion in work.completions { completion(nil) }
                    } catch {
                        failed(error)
                        let unknown = DaybookError(
                            .outcomeUnknown,
                            "the log could not be written (\(error)); whether this request is in it "
                                + "will be known when the store is opened again: repeat the request "
                                + "with the same idempotency key then")
                        for completion in work.completions { completion(unknown) }
                    }
                }
            }
            finished.signal()
        }
        thread.name = "daybook-commit"
        thread.start()
    }

    func commit(_ work: StagedWork) {
        guard case .sent = queue.send(work) else {
            preconditionFailure("CommitThread: the writer hands over one group at a time")
        }
    }

    /// Waits until everything handed over is done and ends the thread.
    func stop() {
        queue.close()
        finished.wait()
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
