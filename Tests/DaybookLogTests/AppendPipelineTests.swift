import DaybookCore
import DaybookLog
import Dispatch
import Synchronization
import Testing

/// Runs a task wherever it is made ready: what `append` does before it waits is done when its task was begun.
private final class InlineExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
    }
}

/// Holds up each sync of a segment until the test says what becomes of it.
private final class Gate: Sendable {
    private struct State {
        var isShut = false
        var failure: EventLogError?
        var syncCount = 0
    }

    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)
    private let permissions = DispatchSemaphore(value: 0)

    var syncCount: Int { state.withLock { $0.syncCount } }

    func shut() { state.withLock { $0.isShut = true } }

    func pass(_ file: String) throws(EventLogError) {
        let isHeld = state.withLock { state in
            guard state.isShut, file != "MARK" else { return false }
            state.syncCount += 1
            return true
        }
        guard isHeld else { return }
        arrivals.signal()
        permissions.wait()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    func waitForSync() { arrivals.wait() }

    func allow() { permissions.signal() }

    /// Lets the sync that waits fail.
    func refuse(_ error: EventLogError) {
        state.withLock { $0.failure = error }
        permissions.signal()
    }
}

/// A log whose groups become durable one by one, and what its callers were told.
private struct GatedLog {
    let gate = Gate()
    let log: EventLog
    private let executor = InlineExecutor()
    private let answers = Answers()

    private final class Answers: Sendable {
        let texts = Mutex<[String]>([])
        let given = DispatchSemaphore(value: 0)

        func give(_ text: String) {
            texts.withLock { $0.append(text) }
            given.signal()
        }
    }

    init() throws {
        let gate = gate
        let storage = ScriptedStorage(
            SimulatedDisk(),
            onSync: { file throws(EventLogError) in try gate.pass(file) })
        let opened = try LogDirectory.create(
            storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        log = try EventLog(opened, storage: storage, hash: .sha256)
        gate.shut()
    }

    private func begin(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: executor) { await body() }
    }

    /// Brings appends that wait one behind the other, and waits until all of them are staged.
    func append(_ names: [String]) {
        let (log, answers) = (log, answers)
        for name in names {
            begin {
                do {
                    _ = try await log.append(batch(event()))
                    answers.give(name)
                } catch {
                    answers.give("\(name) \((error as? EventLogError)?.code.rawValue ?? "?")")
                }
            }
        }
        // Refused as soon as it would be staged, behind the others.
        let isStaged = DispatchSemaphore(value: 0)
        begin {
            _ = try? await log.append(ProposedBatch(metadata: metadata(), events: []))
            isStaged.signal()
        }
        isStaged.wait()
    }

    func close() {
        let (log, answers) = (log, answers)
        begin {
            try? await log.close()
            answers.give("closed")
        }
    }

    /// What was answered, once there are so many answers.
    func answered(_ count: Int) -> [String] {
        for _ in 0..<count { answers.given.wait() }
        return answers.texts.withLock { $0 }
    }
}

@Suite struct `Append pipeline` {
    private let six = (1...6).map { "six-\($0)" }

    /// A log with `first` committed, `six` being committed, and `last` staged behind them.
    private func inThreeGroups() throws -> GatedLog {
        let gated = try GatedLog()
        gated.append(["first"])
        gated.gate.waitForSync()
        gated.append(six)
        gated.gate.allow()
        gated.gate.waitForSync()
        gated.append(["last"])
        return gated
    }

    @Test
    func `given appends that come while a group is committed, then all of them are the next group`()
        throws
    {
        let gated = try GatedLog()
        gated.append(["first"])
        gated.gate.waitForSync()
        let others = (1...20).map { "other-\($0)" }
        for other in others { gated.append([other]) }
        #expect(gated.log.head == .start)
        gated.gate.allow()
        gated.gate.waitForSync()
        #expect(gated.log.head == position(1))
        gated.gate.allow()
        #expect(gated.answered(21) == ["first"] + others)
        #expect(gated.gate.syncCount == 2)
        #expect(gated.log.head == position(21))
    }

    @Test
    func
        `given a log that is closed while a group is committed, then everyone is answered before it is closed`()
        throws
    {
        let gated = try inThreeGroups()
        gated.close()
        gated.gate.allow()
        gated.gate.waitForSync()
        gated.gate.allow()
        let answers = gated.answered(9)
        #expect(answers.first == "first")
        #expect(answers.sorted() == (["closed", "first", "last"] + six).sorted())
        #expect(gated.log.head == position(8))
    }

    @Test
    func `given a sync that fails, then no group behind it is committed and everyone is told`()
        throws
    {
        let gated = try inThreeGroups()
        gated.gate.refuse(EventLogError(.io, "the disk is gone"))
        let answers = gated.answered(8)
        #expect(
            answers.sorted() == (["first", "last poisoned"] + six.map { "\($0) io" }).sorted())
        #expect(gated.log.head == position(1))
        #expect(gated.gate.syncCount == 2)
        gated.append(["late"])
        #expect(gated.answered(1).last == "late poisoned")
    }
}
