import DaybookCore
import DaybookLog
import Foundation

/// The thread that decides: takes requests in order, stages what follows, and hands the open group to
/// the commit thread as soon as that is free. While one group is in `fdatasync` the next one forms.
final class WriterThread: Sendable {
    typealias Answer = @Sendable ([Result<Handled, DaybookError>]) -> Void

    fileprivate enum Job: Sendable {
        case handle([PreparedRequest], Answer)
        case inspect(@Sendable (EngineCore) -> Void)
        case committed(LogHead)
        case keys(KeyNews)
        case failed(EventLogError)
    }

    /// How many callers may wait; more are told to come back.
    private static let capacity = 65_536

    private let queue = WorkQueue<Job>(capacity: WriterThread.capacity)
    private let waitForEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - snapshots: given the state whenever it wants it.
    ///   - committed: told after every group that became durable, before its callers are.
    init(
        core: EngineCore, committer: LogCommitter, snapshots: SnapshotThread,
        host: any EngineHost,
        committed: @escaping @Sendable (LogHead) -> Void
    ) {
        let queue = queue
        let commitThread = CommitThread(
            committer: committer, host: host,
            committed: { head in
                committed(head)
                // A closed queue means that the writer has ended and needs no news.
                _ = queue.send(.committed(head), evenIfFull: true)
            },
            failed: { error in _ = queue.send(.failed(error), evenIfFull: true) })
        var round = Round(
            core: core, commitThread: commitThread, snapshots: snapshots,
            tell: { news in _ = queue.send(.keys(news), evenIfFull: true) })
        let loop = EngineLoop(
            "writer", queue: queue,
            perform: { jobs in
                for job in jobs { round.perform(job) }
                round.handOver()
            }, end: { round.end() })
        waitForEnd = host.start(loop)
    }

    /// Decides the requests in order; `answer` is called once everything they rest on is durable.
    func handle(_ requests: [PreparedRequest], answer: @escaping Answer) {
        let refusal: DaybookError
        switch queue.send(.handle(requests, answer)) {
        case .sent: return
        case .full:
            refusal = DaybookError(.busy, "\(WriterThread.capacity) requests wait; try again")
        case .closed: refusal = .closed
        }
        answer(requests.map { _ in .failure(refusal) })
    }

    /// Reads the writer's state, between two requests; `nil` when the writer has ended.
    func inspect<Value: Sendable>(
        _ body: @escaping @Sendable (EngineCore) -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let sent = queue.send(
                .inspect { continuation.resume(returning: body($0)) }, evenIfFull: true)
            guard case .sent = sent else {
                continuation.resume(returning: nil)
                return
            }
        }
    }

    /// Takes no more, finishes what waits, makes it durable and ends both threads. Blocks.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

extension DaybookError {
    static let closed = DaybookError(.closed, "this Daybook is closed")
}

/// What the writer thread knows between two looks at its queue.
private struct Round {
    let core: EngineCore
    let commitThread: CommitThread
    private var completions: [@Sendable (DaybookError?) -> Void] = []
    private var isCommitting = false
    private var failure: DaybookError?
    private let snapshots: SnapshotThread
    private let tell: @Sendable (KeyNews) -> Void
    /// The state at the end of the group that is being committed, when it is wanted.
    private var wanted: (state: EngineState, position: LogPosition)?

    init(
        core: EngineCore, commitThread: CommitThread, snapshots: SnapshotThread,
        tell: @escaping @Sendable (KeyNews) -> Void
    ) {
        self.core = core
        self.tell = tell
        self.commitThread = commitThread
        self.snapshots = snapshots
    }

    mutating func perform(_ job: WriterThread.Job) {
        switch job {
        case .handle(let requests, let answer): handle(requests, answer)
        case .inspect(let body): body(core)
        case .committed(let head):
            isCommitting = false
            handOverState(at: head)
            core.markDurable(through: head.position)
        case .keys(let news):
            core.take(news)
            snapshots.tookNews()
        case .failed(let error):
            isCommitting = false
            giveUpState()
            failure = DaybookError(log: error)
        }
    }

    private mutating func handle(
        _ requests: [PreparedRequest], _ answer: @escaping WriterThread.Answer
    ) {
        if let failure {
            answer(requests.map { _ in .failure(failure) })
            return
        }
        var results: [Result<Handled, DaybookError>] = []
        results.reserveCapacity(requests.count)
        for index in requests.indices {
            do throws(DaybookError) {
                results.append(.success(try core.handle(requests[index])))
            } catch {
                results.append(.failure(error))
            }
        }
        let answers = results
        // A full disk may keep the group in flight for long, and nothing that waits rests on it.
        if answers.allSatisfy(\.isRefusedForSpace) { return answer(answers) }
        // Rejections wait as well: their reasons may rest on what is not durable yet.
        completions.append { error in
            answer(error.map { error in answers.map { _ in .failure(error) } } ?? answers)
        }
    }

    /// Gives the open group to the commit thread if that is free.
    mutating func handOver() {
        guard !isCommitting, !completions.isEmpty else { return }
        if let failure {
            for completion in completions { completion(failure) }
        } else if let group = core.writer.closeGroup() {
            isCommitting = true
            keepStateIfWanted()
            if PlantedBug.answerBeforeDurable.isPlanted {
                for completion in completions { completion(nil) }
                completions = []
            }
            commitThread.commit(StagedWork(group: group, completions: completions))
        } else {
            for completion in completions { completion(nil) }
        }
        completions = []
    }

    /// Remembers the state as the group leaves it: once the group is durable, others may be staged.
    private mutating func keepStateIfWanted() {
        let position = core.writer.stagedHead
        guard snapshots.claim(at: position) else { return }
        core.partKeys(atLeast: snapshots.keysPerRun)
        wanted = (core.state, position)
        guard PlantedBug.snapshotBeforeDurable.isPlanted else { return }
        wanted = nil
        snapshots.write(core.snapshot(of: core.state, position, chain: .zero), tell: tell)
    }

    /// Hands over the remembered state: everything that it rests on is durable now.
    private mutating func handOverState(at head: LogHead) {
        guard let (state, position) = wanted else { return }
        guard position == head.position else { return giveUpState() }
        wanted = nil
        let kept = PlantedBug.snapshotAheadOfLog.isPlanted ? core.state : state
        snapshots.write(core.snapshot(of: kept, position, chain: head.chain), tell: tell)
    }

    private mutating func giveUpState() {
        guard wanted != nil else { return }
        wanted = nil
        snapshots.giveUp()
    }

    /// Commits what is left. The commit thread takes groups in order, so nothing overtakes.
    mutating func end() {
        isCommitting = false
        handOver()
        commitThread.stop()
    }
}

extension Result where Failure == DaybookError {
    fileprivate var isRefusedForSpace: Bool {
        guard case .failure(let error) = self else { return false }
        return error.kind == .noSpace
    }
}
