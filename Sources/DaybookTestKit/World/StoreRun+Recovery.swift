internal import DaybookCore
internal import DaybookLog
internal import DaybookSimulator

// MARK: - The next process

extension StoreRun {
    /// The next process finds this disk: it opens the log and everything is held against what was
    /// promised.
    mutating func reopen(_ next: SimulatedDisk) throws {
        disk = next
        do throws(EventLogError) {
            log = try KitLog.open(on: disk)
        } catch {
            // A disk that lies may leave what no log can accept; that it says so is all one can ask.
            guard hasLied, error.code == .damaged else { return try refuse(error) }
            tell("the log refuses what the lost sync has left")
            try beginAnew()
            return
        }
        let facts = try recoveredFacts()
        try adopt(facts)
        try demand(invariants)
        try restartProjector()
        try sendAgain()
    }

    /// What has no answer yet is asked for again, and some of the rest, for who asked may not have heard.
    private mutating func sendAgain() throws {
        messages = []
        answered = answered.filter { $0 < history.facts.count }
        for index in history.facts.indices where !store.answers(history.facts[index]).isEmpty {
            if try !answered.contains(index) || choices.happens(1, in: 4) { send(answersTo: index) }
        }
    }

    private func recoveredFacts() throws -> [D.Fact] {
        var facts: [D.Fact] = []
        var position = LogPosition(rawValue: 1)
        while let batch = try log.reader.batch(containing: position) {
            for event in batch.events { facts.append(try store.read(event, batch.metadata)) }
            position = batch.lastPosition.advanced(by: 1)
        }
        return facts
    }

    /// Makes the facts of the log those of the process, after comparing them with what was decided.
    private mutating func adopt(_ facts: [D.Fact]) throws {
        let batches = batchEnds.prefix { $0 <= facts.count }.count
        guard facts.isEmpty || batches > 0 && batchEnds[batches - 1] == facts.count else {
            throw SimulationViolation(
                promise: .atomicity,
                details: "\(facts.count) events survived; batches end at \(batchEnds)")
        }
        guard batches >= acknowledged || hasLied else {
            throw SimulationViolation(
                promise: .durability,
                details: "\(acknowledged) batches were acknowledged, \(batches) are there")
        }
        let decided = store.workload.fold(history.facts.prefix(facts.count))
        let recovered = store.workload.fold(facts)
        guard decided == recovered else {
            let difference = Difference(
                expected: swiftSource(of: decided), actual: swiftSource(of: recovered))
            throw SimulationViolation(
                promise: .state, details: "what was read folds to another state\n\(difference)")
        }
        tell("\(facts.count) of \(history.facts.count) events survived")
        batchEnds.removeSubrange(batches...)
        acknowledged = batches
        history.facts = facts
        history.state = recovered
    }

    /// After a log that cannot be opened: a new disk, a new log, nothing known.
    private mutating func beginAnew() throws {
        let fresh = try StoreRun(store, invariants, choices)
        let story = told
        self = fresh
        told = story
    }
}

// MARK: - The projector

extension StoreRun {
    /// Takes some of the events that are there, and perhaps saves the rows.
    mutating func project() throws {
        let facts = deliveries(history.facts)
        let waiting = acknowledgedCount - projected
        guard waiting > 0 else { return }
        let count = 1 + (try choices.below(waiting, .small))
        tell("projects \(count) events")
        try projector.project(Array(facts[projected..<(projected + count)]))
        projected += count
        try demandRows(of: Array(facts[..<projected]), "in runs as the events came")
        if try choices.happens(1, in: 2) { savedCheckpoints.append(projected) }
    }

    /// The rows as they are now must be those of one projector that got the same facts at once.
    private func demandRows(
        of facts: [Delivery<D.Fact>], _ circumstances: String
    ) throws {
        var rebuilt = try P()
        try rebuilt.project(facts)
        let (shown, expected) = (
            tableText(try projector.tables()), tableText(try rebuilt.tables())
        )
        guard shown != expected else { return }
        throw SimulationViolation(
            promise: .rows,
            details: "\(circumstances)\n\(Difference(expected: expected, actual: shown))")
    }

    /// Only durable events reach a projector.
    private var acknowledgedCount: Int {
        acknowledged == 0 ? 0 : batchEnds[acknowledged - 1]
    }

    /// Goes on from rows that were saved, with some events delivered again, and compares with a rebuild.
    mutating func restartProjector() throws {
        // Rows of events that the log has not got are rows of another history.
        savedCheckpoints.removeAll { $0 > history.facts.count }
        let back = try choices.below(savedCheckpoints.count)
        let checkpoint = savedCheckpoints[savedCheckpoints.count - 1 - back]
        let facts = deliveries(history.facts)
        projector = try P()
        try projector.project(Array(facts[..<checkpoint]))
        let overlap = min(checkpoint, try choices.below(4, .weights([4, 2, 1, 1])))
        try projector.project(Array(facts[(checkpoint - overlap)...]))
        projected = facts.count
        savedCheckpoints = [0, projected]
        try demandRows(
            of: facts, "from checkpoint \(checkpoint) on, \(overlap) events again")
    }
}
