import DaybookCore
import DaybookLog
import Foundation
import Glibc
import Synchronization
import Testing

@testable import DaybookEngine

/// What became of groups, in order.
private final class Answers: Sendable {
    private let errors = Mutex<[DaybookError?]>([])

    var all: [DaybookError?] { errors.withLock { $0 } }

    func add(_ error: DaybookError?) { errors.withLock { $0.append(error) } }
}

@Suite struct CommitThreadTests {
    /// A log with one batch staged that needs the next segment, for which there is no space.
    private func scarce() throws -> (ScarceStorage, OpenedLog, StagedGroup) {
        let storage = try ScarceStorage()
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.codec = .none
        let log = try LogDirectory.create(
            storage: storage, options: options, hash: .sha256,
            clock: { Instant(microseconds: 1_700_000_000_000_000) },
            newLogID: LogID(rawValue: 1), salt: .zero)
        _ = try log.writer.stage(batch(payloadByteCount: 3_000))
        let first = try #require(log.writer.closeGroup())
        _ = try log.committer.commit(first)
        storage.isFull = true
        _ = try log.writer.stage(batch(payloadByteCount: 9_000))
        return (storage, log, try #require(log.writer.closeGroup()))
    }

    private func batch(payloadByteCount: Int) -> ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: SetClock.noon, actor: .system, command: "Fill"),
            events: [
                ProposedEvent(
                    type: "Filled", tags: [],
                    payload: [UInt8](repeating: 1, count: payloadByteCount))
            ])
    }

    @Test
    func
        `given a full disk, when a group needs the next segment, then it waits, more is refused, and it is committed when there is space`()
        async throws
    {
        let (storage, log, group) = try scarce()
        let answers = Answers()
        let answered = DispatchSemaphore(value: 0)
        let thread = CommitThread(
            committer: log.committer, host: ThreadHost(), committed: { _ in },
            tell: { #expect($0.loss == nil) })
        thread.commit(
            StagedWork(
                group: group,
                completions: [
                    {
                        answers.add($0); answered.signal()
                    }
                ]))
        // Twice: it was tried again.
        storage.waitForRefusals(2)
        #expect(answers.all == [])
        let refusal = #expect(throws: EventLogError.self) {
            try log.writer.stage(batch(payloadByteCount: 10))
        }
        #expect(refusal?.code == .noSpace)
        #expect(log.reader.head.position.rawValue == 1)
        storage.isFull = false
        #expect(answered.wait(timeout: .now() + 30) == .success)
        #expect(answers.all == [nil])
        #expect(log.reader.head.position.rawValue == 2)
        _ = try log.writer.stage(batch(payloadByteCount: 10))
        thread.stop()
        try log.committer.close()
    }

    @Test
    func `given a full disk, when the store is closed meanwhile, then the outcome is unknown`()
        throws
    {
        let (storage, log, group) = try scarce()
        let answers = Answers()
        let failures = Mutex<[EventLogError.Code?]>([])
        let thread = CommitThread(
            committer: log.committer, host: ThreadHost(), committed: { _ in },
            tell: { outcome in failures.withLock { $0.append(outcome.loss?.code) } })
        thread.commit(StagedWork(group: group, completions: [answers.add]))
        storage.waitForRefusals(1)
        thread.stop()
        #expect(answers.all.map { $0?.kind } == [.outcomeUnknown])
        #expect(failures.withLock { $0 } == [.noSpace])
        try log.committer.close()
    }

    @Test
    func
        `given a group that the writer's thread commits, when nothing comes any more, then the mark is made durable`()
        throws
    {
        let (storage, log, groups) = try twoGroups()
        // With a rotation, which syncs the mark itself; the other group is none, and time stands still.
        _ = try log.committer.commit(groups[0])
        let thread = CommitThread(
            committer: log.committer, host: ThreadHost(), committed: { _ in },
            tell: { _ in Issue.record("what was not handed over is nobody's news") })
        let syncs = storage.syncCount(of: "MARK")
        #expect(try thread.commitHere(groups[1])?.get().position.rawValue == 3)
        storage.waitForSync(of: "MARK", beyond: syncs)
        thread.stop()
        try log.committer.close()
    }

    // MARK: Turns

    /// Two groups that nobody has committed, on a disk with space.
    private func twoGroups() throws -> (ScarceStorage, OpenedLog, [StagedGroup]) {
        let (storage, log, first) = try scarce()
        storage.isFull = false
        _ = try log.writer.stage(batch(payloadByteCount: 10))
        return (storage, log, [first, try #require(log.writer.closeGroup())])
    }

    @Test
    func `given the commit thread's turn, when the writer would commit, then it hands over`() throws
    {
        let (_, log, groups) = try twoGroups()
        let turn = Mutex<CommitTurn?>(nil)
        let wasRefused = Mutex(false)
        let made = CommitTurn(
            committer: log.committer,
            committed: { head in
                guard head.position.rawValue == 2 else { return }
                // Another thread: who has the turn cannot ask for it.
                let asked = DispatchSemaphore(value: 0)
                Thread {
                    let isRefused = turn.withLock { $0 }?.commitHere(groups[1]) == nil
                    wasRefused.withLock { $0 = isRefused }
                    asked.signal()
                }.start()
                asked.wait()
            }, isEnding: { true })
        turn.withLock { $0 = made }
        made.commit(StagedWork(group: groups[0], completions: [])) { _ in }
        #expect(wasRefused.withLock { $0 })
        #expect(log.reader.head.position.rawValue == 2)
        #expect(try made.commitHere(groups[1])?.outcome.get().position.rawValue == 3)
        turn.withLock { $0 = nil }
        try log.committer.close()
    }

    @Test
    func `given a commit by the writer, when idle, then the mark is synced at the second look`()
        throws
    {
        let (storage, log, groups) = try twoGroups()
        let turn = CommitTurn(
            committer: log.committer, committed: { _ in }, isEnding: { true })
        #expect(turn.patience == .never)
        #expect(turn.commitHere(groups[0])?.isFirst == true)
        #expect(turn.commitHere(groups[1])?.isFirst == false)
        let before = storage.syncCount(of: "MARK")
        turn.idle { _ in Issue.record("nothing failed") }
        #expect(storage.syncCount(of: "MARK") == before)
        #expect(turn.patience == .milliseconds(25))
        turn.idle { _ in Issue.record("nothing failed") }
        #expect(storage.syncCount(of: "MARK") == before + 1)
        #expect(turn.patience == .never)
        try log.committer.close()
    }

    @Test
    func `given a mark that cannot be synced, then nobody commits any more, and it is told once`()
        throws
    {
        let (storage, log, groups) = try twoGroups()
        let turn = CommitTurn(
            committer: log.committer, committed: { _ in }, isEnding: { true })
        #expect(turn.commitHere(groups[0]) != nil)
        storage.hasBrokenSyncs = true
        let losses = Mutex<[EventLogError.Code?]>([])
        for _ in 0..<3 {
            turn.idle { outcome in losses.withLock { $0.append(outcome.loss?.code) } }
        }
        #expect(losses.withLock { $0 } == [.io])
        #expect(turn.commitHere(groups[1]) == nil)
        let answers = Answers()
        turn.commit(StagedWork(group: groups[1], completions: [answers.add])) { _ in
            Issue.record("it was told before")
        }
        #expect(answers.all.map { $0?.kind } == [.outcomeUnknown])
        #expect(log.reader.head.position.rawValue == 2)
        try? log.committer.close()
    }
}
