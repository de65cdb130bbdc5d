import DaybookCore
import DaybookLog

/// What the writer thread knows between two looks at its queue.
///
/// A round is all bulks that waited at its beginning; with its end the open group is handed over, for each
/// group costs a sync. Only when somebody in the express lane waits is it handed over in between, with the
/// beginning of the call that is being decided. Such a call is answered with the group that holds its end.
///
/// A small call that comes alone behind another one is committed at once, here: nothing else is to be decided
/// meanwhile. Behind a larger group it is the first of many that come back together, and they are.
struct WriterRound {
    private let core: EngineCore
    private let commitThread: CommitThread
    private let requestsPerSlice: Int
    /// Jobs of the round that are not begun, in order.
    private var bulks: ArraySlice<WriterThread.Job> = []
    /// The call of the round that is begun.
    private var begun: WriterCall?
    /// Calls to be answered with the open group, in order.
    private var decided: [WriterCall] = []
    private var isExpressDecided = false
    private var isCommitting = false
    /// Whether the calls that were answered together last were one, and small.
    private var wasAlone = false
    private var failure: WriterFailure?
    private let snapshots: SnapshotThread
    private let tell: @Sendable (KeyNews) -> Void
    /// The state at the end of the group that is being committed, when it is wanted.
    private var wanted: (state: EngineState, position: LogPosition)?

    init(
        core: EngineCore, commitThread: CommitThread, snapshots: SnapshotThread,
        requestsPerSlice: Int, tell: @escaping @Sendable (KeyNews) -> Void
    ) {
        self.core = core
        self.tell = tell
        self.commitThread = commitThread
        self.requestsPerSlice = requestsPerSlice
        self.snapshots = snapshots
    }

    /// Whether the round has not come to its end.
    var isUnfinished: Bool { begun != nil || !bulks.isEmpty }

    /// Does what is express, and a slice of what is not.
    ///
    /// - Parameter jobs: first the express ones; before the round has come to its end no others.
    mutating func perform(_ jobs: [WriterThread.Job]) {
        for job in jobs {
            if job.isExpress { performWhole(job) } else { bulks.append(job) }
        }
        if isExpressDecided { handOver() }
        performSlice()
        if !isUnfinished { handOver() }
    }

    private mutating func performWhole(_ job: WriterThread.Job) {
        switch job {
        case .handle(var call):
            if failure == nil { call.decide(atMost: .max, by: core) }
            finish(call)
        case .inspect(_, let body): body(core)
        case .committed(let outcome):
            isCommitting = false
            take(outcome)
        case .keys(let news):
            core.take(news)
            snapshots.tookNews()
        }
    }

    /// What came of the group that was handed over last.
    private mutating func take(_ outcome: CommitThread.Outcome) {
        switch outcome {
        case .success(let head):
            handOverState(at: head)
            core.markDurable(through: head.position)
        case .failure(var error):
            giveUpState()
            // Whatever it was: it does not heal by itself any more.
            error.code = .poisoned
            failure = WriterFailure(
                ofStaged: DaybookError(log: error), ofHandedOver: .outcomeUnknown(after: error))
        }
    }

    private mutating func performSlice() {
        if begun == nil {
            guard let job = bulks.popFirst() else { return }
            if bulks.isEmpty { bulks = [] }
            guard case .handle(let call) = job else { return performWhole(job) }
            begun = call
        }
        if failure == nil { begun?.decide(atMost: requestsPerSlice, by: core) }
        guard let call = begun, call.isDecided || failure != nil else { return }
        begun = nil
        finish(call)
    }

    private mutating func finish(_ call: WriterCall) {
        if let failure { return call.fail(failure) }
        // A full disk may keep the group in flight for long, and nothing that waits rests on it.
        if call.isRefusedForSpace { return call.complete() }
        // Rejections wait as well: their reasons may rest on what is not durable yet.
        decided.append(call)
        if call.lane == .express { isExpressDecided = true }
    }

    /// Commits the open group here, or gives it to the commit thread, unless that has one.
    private mutating func handOver() {
        guard !isCommitting else { return }
        giveToCommit()
    }

    private mutating func giveToCommit() {
        guard !decided.isEmpty else { return }
        let calls = decided
        decided = []
        let isAlone =
            calls.count == 1 && calls[0].requestCount <= requestsPerSlice && !isUnfinished
        let wasAlone = wasAlone
        self.wasAlone = isAlone
        isExpressDecided = false
        if let failure {
            for call in calls { call.fail(failure) }
        } else if let group = core.writer.closeGroup() {
            begun?.noteHandover()
            keepStateIfWanted()
            let isAnswered = PlantedBug.answerBeforeDurable.isPlanted
            if isAnswered {
                for call in calls { call.complete() }
            }
            // At the end of all an earlier group may still be the commit thread's.
            if isAlone, wasAlone, !isAnswered, !isCommitting,
                let outcome = commitThread.commitHere(group)
            {
                take(outcome)
                return calls[0].complete(outcome.loss.map(DaybookError.outcomeUnknown))
            }
            isCommitting = true
            commitThread.commit(
                StagedWork(
                    group: group,
                    completions: isAnswered ? [] : calls.map { call in { call.complete($0) } }))
        } else if isCommitting {
            // Their beginning may be in the group that is not durable yet.
            commitThread.commit(
                StagedWork(group: nil, completions: calls.map { call in { call.complete($0) } }))
        } else {
            for call in calls { call.complete() }
        }
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

    /// Commits what is left. The commit thread takes groups in order, so nothing overtakes; what became of the
    /// one that it has is told to it alone by now.
    mutating func end() {
        giveToCommit()
        commitThread.stop()
    }
}
