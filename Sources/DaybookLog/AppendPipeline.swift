internal import DaybookCore

/// The two threads behind ``EventLog``: one stages what waits into a group, the other one commits
/// the group before it.
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
    }

    private struct Handover: Sendable {
        /// `nil` when all answers refer to earlier groups.
        var group: StagedGroup?
        var answers: [Answer]
    }

    /// What callers bring, for the staging thread.
    private struct Inbox {
        var waiting: [Request] = []
        var isClosing = false
        /// Why nothing more is accepted.
        var failure: EventLogError?
        /// A group waits for space; until it has some, nothing is accepted.
        var isDiskFull = false
        var isDone = false
        var closers: [CheckedContinuation<Void, any Error>] = []
    }

    /// What the staging thread brings, for the committing one.
    private struct Exchange {
        var handover: Handover?
        var isWriterDone = false
    }

    private let writer: LogWriter
    private let committer: LogCommitter
    private let reader: LogReader
    private let indexer: SegmentIndexer?
    private let signal: HeadSignal
    // Two, so that a caller who brings something wakes no thread that waits for something else.
    private let inbox = Monitor(Inbox())
    private let exchange = Monitor(Exchange())

    /// A group is handed over when it has so many bytes, even if more is waiting.
    private static let groupByteCount = 1 << 20
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
            inbox.change { $0.isClosing = true }
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
        while let requests = takeWaiting() {
            var handover = Handover(group: nil, answers: [])
            var rest = requests[...]
            while let request = rest.popFirst() {
                do throws(EventLogError) {
                    let result = try stage(request, &keys)
                    handover.answers.append(
                        Answer(result: result, continuation: request.continuation))
                } catch {
                    request.continuation.resume(throwing: error)
                }
                if writer.openGroupByteCount >= AppendPipeline.groupByteCount { break }
            }
            handover.group = writer.closeGroup()
            if !rest.isEmpty { inbox.change { $0.waiting.insert(contentsOf: rest, at: 0) } }
            let ready = handover
            if !ready.answers.isEmpty { exchange.change { $0.handover = ready } }
        }
        exchange.change { $0.isWriterDone = true }
    }

    /// Waits until the committer has taken the group before and something is there: what comes meanwhile
    /// goes into one group.
    ///
    /// - Returns: `nil` when the log is closing and nothing waits.
    private func takeWaiting() -> [Request]? {
        _ = exchange.wait { $0.handover == nil ? true : nil }
        return inbox.wait { state -> [Request]?? in
            if !state.waiting.isEmpty {
                defer { state.waiting = [] }
                return .some(state.waiting)
            }
            return state.isClosing ? .some(nil) : nil
        } ?? nil
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
            let work = exchange.wait(milliseconds: AppendPipeline.idleMilliseconds) {
                state -> Work? in
                if let handover = state.handover {
                    state.handover = nil
                    return .commit(handover)
                }
                return state.isWriterDone ? .finish : nil
            }
            switch work {
            case .commit(let handover): commit(handover)
            case .finish: return finish()
            case nil: idle()
            }
        }
    }

    private func commit(_ handover: Handover) {
        // A group behind a lost one must not overtake it.
        if let failure = inbox.read(\.failure) {
            for answer in handover.answers { answer.continuation.resume(throwing: failure) }
            return
        }
        do throws(EventLogError) {
            if let group = handover.group { try commitWhenThereIsSpace(group) }
            for answer in handover.answers { answer.continuation.resume(returning: answer.result) }
        } catch {
            fail(error)
            var unknown = error
            // Some of it may be written, so no code may say that nothing was appended.
            if error.code != .io, error.code != .fenced { unknown.code = .poisoned }
            for answer in handover.answers { answer.continuation.resume(throwing: unknown) }
        }
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
