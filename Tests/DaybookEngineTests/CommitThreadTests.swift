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
        let (storage, log, group) = try scarce()
        storage.isFull = false
        let thread = CommitThread(
            committer: log.committer, host: ThreadHost(), committed: { _ in },
            tell: { _ in Issue.record("what was not handed over is nobody's news") })
        let syncs = storage.syncCount(of: "MARK")
        #expect(try thread.commitHere(group)?.get().position.rawValue == 2)
        // The rotation synced the mark before it; what stands there now is this group's.
        storage.waitForSync(of: "MARK", beyond: syncs + 1)
        thread.stop()
        try log.committer.close()
    }
}
