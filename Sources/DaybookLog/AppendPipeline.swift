internal import DaybookCore
internal import Synchronization

/// The two threads behind ``EventLog``: one stages what waits into the open group, the other one
/// commits the group before it.
///
/// All that is staged while one group is committed goes into the next. Where the staging thread waits for
/// callers then, the committing one takes the open group by itself: no thread is woken between two
/// commits. While a group waits to be committed, answering callers is left to the staging thread.
final class AppendPipeline: Sendable {
    struct Request: Sendable {
        var batch: ProposedBatch
        var condition: AppendCondition?
        var continuation: CheckedContinuation<AppendResult, any Error>
    }

    /// An answer that is true once everything staged before it is durable.
    private struct Answer: Sendable {
        var result: AppendResult
        var continuation: CheckedContinuation<AppendResult, any Error>

        func give() { continuation.resume(returning: result) }
    }

    private struct Handover: Sendable {
        /// `nil` when all answers refer to earlier groups.
        var group: StagedGroup?
        var answers: [Answer]
    }

    /// What the staging thread waits for.
    private struct Inbox {
        var waiting: [Request] = []
        /// Of requests whose events are durable.
        var answers: [Answer] = []
        var isClosing = false
        /// Why nothing more is accepted.
        var failure: EventLogError?
        /// A group waits for space; until it has some, nothing is accepted.
        var isDiskFull = false
        var isDone = false
        var closers: [CheckedContinuation<Void, any Error>] = []

        /// - Parameter isEnding: whether there is something to tell though nothing arrived.
        /// - Returns: `nil` when there is nothing.
        mutating func takeAll(isEnding: Bool) -> Arrivals? {
            guard !waiting.isEmpty || !answers.isEmpty || isEnding else { return nil }
            defer {
                waiting = []
                answers = []
            }
            return Arrivals(
                requests: waiting, answers: answers, isLast: isEnding && waiting.isEmpty)
        }
    }

    private struct Arrivals {
        var requests: [Request]
        var answers: [Answer]
        /// No more will come.
        var isLast: Bool
    }

    /// What the committing thread waits for.
    private struct Exchange {
        /// A group that is full or that was asked for.
        var handover: Handover?
        /// Of the open group, while the writer is left to the committing thread.
        var open: [Answer] = []
        /// The staging thread does not use the writer: whoever holds the lock may.
        var isWriterFree = false
        var isStagingDone = false

        var isSomethingReady: Bool { handover != nil || !open.isEmpty }
    }

    private let writer: LogWriter
    private let committer: LogCommitter
    private let reader: LogReader
    private let indexer: SegmentIndexer?
    private let signal: HeadSignal
    // Two, so that a caller who brings something wakes no thread that waits for something else.
    private let inbox = Monitor(Inbox())
    private let exchange = Monitor(Exchange())
    /// The committing thread has nothing to do. Written under the lock of `exchange`; the staging thread looks
    /// without it, often, and may be told late.
    private let isGroupWanted = Atomic(false)

    /// A group is handed over when it has so many bytes, even if more is waiting.
    private static let groupByteCount = 1 << 20
    /// The same while the committing thread has nothing to do: enough that its sync is worth it.
    private static let wantedByteCount = 128 << 10
    /// So many callers are answered sooner than another thread is woken for it.
    private static let fewAnswers = 4
    private static let idleMilliseconds = 50
    private static let diskFullMilliseconds = 250
    private static let noSpace = EventLogError(
        .noSpace, "the disk is full: no room for the next segment; nothing was accepted")

    init(_ opened: OpenedLog, signal: HeadSignal) {
        writer = opened.writer
        committer = opened.committer
        reader = opened.reader
        indexer = opened.indexer
        self.signal = signal
    }

    func start() throws(EventLogError) {
        try WorkerThread.start("stage") { self.stageLoop() }
        do throws(EventLogError) {
            try WorkerThread.start("commit") { self.commitLoop() }
        } catch {
            // Nobody else would tell the staging thread that nothing comes any more.
            inbox.change {
                $0.isClosing = true
                $0.isDone = true
            }
            throw error
        }
        // Without that thread, indexes are made when they are asked for.
        try? indexer?.start()
    }

    func submit(_ request: Request) {
        let refusal = inbox.change { state -> EventLogError? in
            if let failure = state.failure { return failure }
            if state.isClosing { return EventLogError(.closed, "the log was closed") }
            if state.isDiskFull { return AppendPipeline.noSpace }
            guard state.waiting.count < EventLogLimits.waitingAppendCount else {
                return EventLogError(
                    .busy, "\(state.waiting.count) appends are waiting; try again later")
            }
            state.waiting.append(request)
            return nil
        }
        if let refusal { request.continuation.resume(throwing: refusal) }
    }

    /// Lets both threads finish what waits.
    func beginClosing(_ continuation: CheckedContinuation<Void, any Error>?) {
        let isDone = inbox.change { state in
            state.isClosing = true
            if !state.isDone, let continuation { state.closers.append(continuation) }
            return state.isDone
        }
        if isDone { continuation?.resume() }
    }
}

// MARK: - Staging

extension AppendPipeline {
    private func stageLoop() {
        var keys: IdempotencyIndex?
        var answers: [Answer] = []
        while let requests = takeWaiting(&answers) {
            var rest = requests[...]
            while let request = rest.popFirst() {
                do throws(EventLogError) {
                    let result = try stage(request, &keys)
                    answers.append(Answer(result: result, continuation: request.continuation))
                } catch {
                    request.continuation.resume(throwing: error)
                }
                let isWanted = isGroupWanted.load(ordering: .relaxed)
                // Until the other thread waits for the group there is time for it.
                if !isWanted, committer.options.codec == .lz4 { writer.compressFullFrames() }
                let limit =
                    isWanted ? AppendPipeline.wantedByteCount : AppendPipeline.groupByteCount
                if writer.openGroupByteCount >= limit { break }
            }
            // So that they are refused while the disk is full, and durable ones are answered before them.
            if !rest.isEmpty { inbox.change { $0.waiting.insert(contentsOf: rest, at: 0) } }
            let isWanted =
                isGroupWanted.load(ordering: .relaxed)
                || writer.openGroupByteCount >= AppendPipeline.groupByteCount
            if isWanted, !answers.isEmpty { handOver(&answers) }
        }
        exchange.change { $0.isStagingDone = true }
        // The committing thread may still leave answers here.
        while !give(inbox.wait { state in state.takeAll(isEnding: state.isDone) }).isLast {}
    }

    /// Closes the open group. Waits while another one has not been taken: so much is ahead of the disk at
    /// most.
    private func handOver(_ answers: inout [Answer]) {
        let ready = Handover(group: writer.closeGroup(), answers: answers)
        answers = []
        _ = exchange.wait { state -> Bool? in
            guard state.handover == nil else { return nil }
            state.handover = ready
            isGroupWanted.store(false, ordering: .relaxed)
            return true
        }
    }

    /// The requests that wait; while none does, the writer is left to the committing thread.
    ///
    /// - Parameter answers: those that rest on the open group, before and after.
    /// - Returns: `nil` when the log is closing and nothing waits; the writer is left for good then.
    private func takeWaiting(_ answers: inout [Answer]) -> [Request]? {
        let present = give(inbox.change { state in state.takeAll(isEnding: true) })
        guard present.requests.isEmpty else { return present.requests }
        leaveWriter(&answers)
        var arrived: Arrivals
        repeat {
            arrived = give(inbox.wait { state in state.takeAll(isEnding: state.isClosing) })
        } while arrived.requests.isEmpty && !arrived.isLast
        if arrived.isLast { return nil }
        takeWriter(&answers)
        return arrived.requests
    }

    /// Answers those whose events are durable.
    private func give(_ arrived: Arrivals?) -> Arrivals {
        let arrived = established(arrived, "AppendPipeline: a wait ends with what was waited for")
        for answer in arrived.answers { answer.give() }
        return arrived
    }

    private func leaveWriter(_ answers: inout [Answer]) {
        exchange.change { state in
            invariant(
                !state.isWriterFree && state.open.isEmpty,
                "AppendPipeline: who leaves the writer has it")
            swap(&state.open, &answers)
            state.isWriterFree = true
        }
    }

    private func takeWriter(_ answers: inout [Answer]) {
        exchange.change { state in
            invariant(state.isWriterFree, "AppendPipeline: a writer that is taken was left")
            swap(&state.open, &answers)
            state.isWriterFree = false
        }
    }

    private func stage(_ request: Request, _ keys: inout IdempotencyIndex?)
        throws(EventLogError) -> AppendResult
    {
        if request.batch.metadata.idempotencyKey != nil {
            if keys == nil { keys = try IdempotencyIndex(reading: reader) }
            if let first = try keys?.result(of: request.batch.metadata) { return .appended(first) }
        }
        let result = try writer.stage(request.batch, when: request.condition)
        if case .appended(let positions) = result {
            keys?.record(request.batch.metadata, at: positions)
        }
        return result
    }
}

// MARK: - Committing

extension AppendPipeline {
    private enum Work {
        case commit(Handover)
        case finish
    }

    private func commitLoop() {
        while true {
            let work = exchange.wait(milliseconds: AppendPipeline.idleMilliseconds) { state in
                nextWork(&state)
            }
            switch work {
            case .commit(let handover): commit(handover)
            case .finish: return finish()
            case nil: idle()
            }
        }
    }

    private func nextWork(_ state: inout Exchange) -> Work? {
        if let handover = state.handover {
            state.handover = nil
            isGroupWanted.store(false, ordering: .relaxed)
            return .commit(handover)
        }
        if !state.open.isEmpty {
            invariant(state.isWriterFree, "AppendPipeline: nobody closes a group that is filled")
            let handover = Handover(group: writer.closeGroup(), answers: state.open)
            state.open = []
            isGroupWanted.store(false, ordering: .relaxed)
            return .commit(handover)
        }
        if state.isStagingDone { return .finish }
        isGroupWanted.store(true, ordering: .relaxed)
        return nil
    }

    private func commit(_ handover: Handover) {
        // A group behind a lost one must not overtake it.
        if let failure = inbox.read(\.failure) {
            for answer in handover.answers { answer.continuation.resume(throwing: failure) }
            return
        }
        do throws(EventLogError) {
            if let group = handover.group { try commitWhenThereIsSpace(group) }
            answer(handover.answers)
        } catch {
            fail(error)
            var unknown = error
            // Some of it may be written, so no code may say that nothing was appended.
            if error.code != .io, error.code != .fenced { unknown.code = .poisoned }
            for answer in handover.answers { answer.continuation.resume(throwing: unknown) }
        }
    }

    /// Leaves it to the staging thread while the next group can be committed.
    private func answer(_ answers: [Answer]) {
        let isLeft =
            answers.count > AppendPipeline.fewAnswers && exchange.read(\.isSomethingReady)
        guard !isLeft else { return inbox.change { $0.answers += answers } }
        for answer in answers { answer.give() }
    }

    /// A full disk loses nothing: the group waits for space, while new appends are refused.
    private func commitWhenThereIsSpace(_ group: StagedGroup) throws(EventLogError) {
        while true {
            do throws(EventLogError) {
                let head = try committer.commit(group)
                if inbox.read(\.isDiskFull) { inbox.change { $0.isDiskFull = false } }
                signal.advance(to: head.position)
                return
            } catch {
                guard error.code == .noSpace, !committer.isPoisoned else { throw error }
                refuseWaiting()
                let isClosing = inbox.wait(milliseconds: AppendPipeline.diskFullMilliseconds) {
                    $0.isClosing ? true : nil
                }
                if isClosing ?? false { throw error }
            }
        }
    }

    /// What was not staged yet is told at once that there is no space, and so is what comes.
    private func refuseWaiting() {
        let waiting = inbox.change { state in
            state.isDiskFull = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in waiting {
            request.continuation.resume(throwing: AppendPipeline.noSpace)
        }
    }

    private func idle() {
        guard inbox.read({ $0.failure == nil }) else { return }
        do throws(EventLogError) {
            try committer.syncMark()
        } catch {
            fail(error)
        }
    }

    /// Nothing is accepted and nothing acknowledged from now on.
    private func fail(_ cause: EventLogError) {
        var failure = cause
        failure.code = .poisoned
        let poisoned = failure
        let waiting = inbox.change { state in
            state.failure = state.failure ?? poisoned
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in waiting { request.continuation.resume(throwing: poisoned) }
        signal.finish(.failure(poisoned))
    }

    private func finish() {
        indexer?.stop()
        var failure: EventLogError?
        do throws(EventLogError) {
            try committer.close()
        } catch {
            failure = error
        }
        signal.finish(.success(()))
        let closers = inbox.change { state in
            state.isDone = true
            return state.closers
        }
        for closer in closers {
            if let failure { closer.resume(throwing: failure) } else { closer.resume() }
        }
    }
}
