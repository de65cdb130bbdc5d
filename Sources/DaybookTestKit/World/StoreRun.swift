internal import DaybookCore
internal import DaybookLog
internal import DaybookSimulator

/// A run of a ``SimulatedStore``: one process after another on one disk.
struct StoreRun<D: Decider, P: RowProjector> where P.Fact == D.Fact, D.State: Equatable {
    let store: SimulatedStore<D, P>
    let invariants: [Invariant<D.State>]
    let choices: Choices
    var disk = SimulatedDisk()
    var log: OpenedLog
    var context: D.Context
    /// As the running process knows it: state and facts, those included that are not durable yet.
    var history: History<D>
    /// How many facts had been recorded after each batch that was sent, and what was in it.
    var batchEnds: [Int] = []
    /// Batches that were acknowledged.
    var acknowledged = 0
    var projector: P
    /// How many facts the projector has taken.
    var projected = 0
    /// Checkpoints that its rows survive at, ascending.
    var savedCheckpoints = [0]
    /// Answers of the outside world on their way, with the index of the fact that led to them.
    var messages: [(answer: D.Command, source: Int)] = []
    /// Facts whose answers were taken and acknowledged: they come again only by accident.
    var answered: Set<Int> = []
    /// A sync of this disk has lied: what was acknowledged since may be lost.
    var hasLied = false
    var told = SimulatedRun()

    init(
        _ store: SimulatedStore<D, P>, _ invariants: [Invariant<D.State>], _ choices: Choices
    ) throws {
        self.store = store
        self.invariants = invariants
        self.choices = choices
        log = try KitLog.create(on: disk)
        context = store.workload.context()
        history = History(state: store.workload.initial())
        projector = try P()
    }
}

// MARK: - Steps

extension StoreRun {
    private enum Step: Int, CaseIterable {
        case command, message, project, restart, kill, powerCut, failedSync, lostSync
    }

    /// Takes steps until the choices say stop, then delivers what is on its way and looks once more.
    ///
    /// - Throws: ``Discard`` only; what a promise says is in the result.
    mutating func run(_ settled: [Invariant<D.State>]) throws -> SimulatedRun {
        do {
            for command in store.workload.opening { try stage(command) }
            try commit()
            history.openingFactCount = history.facts.count
            told.story = []
            try choices.repeated(store.workload.length) { try takeStep() }
            try settle(settled)
        } catch let violation as SimulationViolation {
            told.violation = violation
        } catch let discard as Discard {
            // A command stream that cannot be drawn says nothing about the store.
            throw discard
        } catch {
            // What a user's function throws is a failure.
            told.violation = SimulationViolation(promise: .conversion, details: "\(error)")
        }
        told.eventCount = max(0, history.eventCount)
        return told
    }

    private mutating func takeStep() throws {
        let faults = store.faults
        let weights = [
            60, messages.isEmpty ? 0 : 15, 10, faults.restarts, faults.kills, faults.powerCuts,
            faults.failedSyncs, faults.lostSyncs,
        ]
        let step = Step.allCases[try choices.below(weights.count, .weights(weights))]
        // A record that was made smaller may ask for what is never to happen.
        guard weights[step.rawValue] > 0 else { return }
        switch step {
        case .command: try group()
        case .message: try deliver()
        case .project: try project()
        case .restart:
            tell("closes and opens again")
            do throws(EventLogError) { try log.committer.close() } catch { try refuse(error) }
            try reopen(disk.killed())
        case .kill:
            tell("is killed")
            try reopen(disk.killed())
        case .powerCut: try cutPower()
        case .failedSync: try failSync()
        case .lostSync: try loseSync()
        }
    }

    /// One to three commands whose batches are synced together.
    private mutating func group() throws {
        let count = 1 + (try choices.below(3, .weights([6, 2, 1])))
        for _ in 0..<count { try stage(try nextCommand()) }
        try commit()
    }

    private mutating func nextCommand() throws -> D.Command {
        try store.workload.pass(&context, choices)
        return try store.workload.commands(history).draw(from: choices)
    }

    private mutating func deliver() throws {
        let index = try choices.below(messages.count)
        let message = messages[index]
        // The network may hold another copy.
        if try choices.happens(1, in: 3) {
            tell("a message is delivered and will come again")
        } else {
            messages.remove(at: index)
        }
        try stage(message.answer)
        try commit()
        if !messages.contains(where: { $0.source == message.source }) {
            answered.insert(message.source)
        }
    }

    mutating func stage(_ command: D.Command) throws {
        let known = history.facts.count
        store.workload.apply(command, to: &history, in: &context)
        guard let outcome = history.steps.last?.outcome else { return }
        switch outcome {
        case .failure(let reason):
            tell("\(swiftSource(of: command)) // rejected: \(swiftSource(of: reason))")
        case .success(let events):
            tell("\(swiftSource(of: command)) // \(events.count) events")
            guard !events.isEmpty else { return }
            let metadata = BatchMetadata(
                recordedAt: store.now(context), actor: .system, command: "Simulated")
            let batch = ProposedBatch(metadata: metadata, events: try events.map(store.write))
            _ = try log.writer.stage(batch)
            batchEnds.append(history.facts.count)
            for index in known..<history.facts.count { send(answersTo: index) }
        }
        try demand(invariants)
    }

    private mutating func commit() throws {
        guard let group = log.writer.closeGroup() else { return }
        _ = try log.committer.commit(group)
        acknowledged = batchEnds.count
    }

    func demand(_ invariants: [Invariant<D.State>]) throws {
        for invariant in invariants where try !invariant.holds(history.state) {
            throw SimulationViolation(
                promise: .invariant, details: "\(invariant.name)\n\(listed([history.state]))")
        }
    }

    /// Delivers what is on its way, some of it twice, and looks at everything once more.
    private mutating func settle(_ settled: [Invariant<D.State>]) throws {
        var rounds = 0
        while !messages.isEmpty, rounds < StoreRun.roundLimit {
            rounds += 1
            try deliver()
        }
        guard messages.isEmpty else {
            throw SimulationViolation(
                promise: .invariant, details: "answers lead to answers without end")
        }
        try reopen(disk.killed())
        try demand(settled)
    }

    /// More answers than this in a row lead to each other.
    private static var roundLimit: Int { 1_000 }

    mutating func send(answersTo index: Int) {
        messages += store.answers(history.facts[index]).map { ($0, index) }
    }

    mutating func tell(_ text: String) { told.story.append(text) }
}

// MARK: - What goes wrong

extension StoreRun {
    private mutating func cutPower() throws {
        // Some of the commands may be on their way to the disk.
        let isBusy = try choices.happens(1, in: 2)
        if isBusy { try stage(try nextCommand()) }
        if isBusy, let group = log.writer.closeGroup(), try choices.happens(1, in: 2) {
            // Written, but the sync does not come back before the power goes.
            disk.injector = { call in
                call.kind == .sync ? DiskFault(.error(errno: 5), failedSync: .staysDirty) : nil
            }
            do throws(EventLogError) {
                _ = try log.committer.commit(group)
            } catch {
                tell("the last command was being written")
            }
        }
        let models = CrashModel.allCases
        let model = models[try choices.below(models.count)]
        let pattern = try choices.draw(through: 255)
        tell("the power goes: of what was not synced, \(model) survives")
        try reopen(disk.crashed(model, chance: Chance(seed: pattern)))
    }

    private mutating func failSync() throws {
        try stage(try nextCommand())
        guard let group = log.writer.closeGroup() else { return }
        let models = FailedSync.allCases
        let model = models[try choices.below(models.count)]
        tell("the sync fails: \(model)")
        var isMet = false
        disk.injector = { call in
            guard !isMet, call.kind == .sync || call.kind == .syncAll else { return nil }
            isMet = true
            return DiskFault(.error(errno: 5), failedSync: model)
        }
        do throws(EventLogError) {
            _ = try log.committer.commit(group)
            acknowledged = batchEnds.count
        } catch {
            guard isMet else { throw error }
        }
        disk.injector = nil
        try reopen(disk.killed())
    }

    private mutating func loseSync() throws {
        try stage(try nextCommand())
        guard let group = log.writer.closeGroup() else { return }
        tell("a sync is lost")
        hasLied = store.faults.forgivesLostSyncs
        disk.injector = { $0.kind == .sync || $0.kind == .syncAll ? DiskFault(.lie) : nil }
        defer { disk.injector = nil }
        _ = try log.committer.commit(group)
        acknowledged = batchEnds.count
    }

    func refuse(_ error: EventLogError) throws {
        throw SimulationViolation(promise: .opens, details: "\(error)")
    }
}
