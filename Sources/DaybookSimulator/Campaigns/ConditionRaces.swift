import DaybookCore
import DaybookEngine
import DaybookLog
import Synchronization

/// Tasks that really race, through ``EventLog`` on a real directory; afterwards every answer must be
/// justified by the one sequence that the log holds.
///
/// What is random is drawn from the seed; how the tasks interleave is up to the machine.
package struct ConditionRaces: Sendable {
    package struct Outcome: Sendable {
        package var appendCount = 0
        package var conflictCount = 0
        /// Conflicts with an event that came after the writer had read.
        package var racedConflictCount = 0
        package var duelCount = 0
        package var repeatedKeyCount = 0
        package var segmentCount = 0
        package var problems: [String] = []

        /// What a race must have met to prove anything.
        package var neverReached: [String] {
            [
                ("a conflict with an event that came after the read", racedConflictCount),
                ("a duel that exactly one wins", duelCount),
                ("a repeated idempotency key", repeatedKeyCount),
                ("an index of a sealed segment", segmentCount - 1),
            ].filter { $0.1 <= 0 }.map(\.0)
        }
    }

    /// One append as the caller saw it.
    private struct Attempt: Sendable {
        var event: ConditionModel.Event
        var question: ConditionModel.Question
        var after: Int?
        var headBefore: Int
        var headAfter: Int
        var result: AppendResult
    }

    private let directory: String
    private let seed: UInt64
    private let tasks: Int
    private let appendsPerTask: Int

    /// - Parameter directory: does not exist yet.
    package init(directory: String, seed: UInt64, tasks: Int = 8, appendsPerTask: Int = 250) {
        self.directory = directory
        self.seed = seed
        self.tasks = tasks
        self.appendsPerTask = appendsPerTask
    }

    package func run() async throws -> Outcome {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 64 << 10
        guard let salt = Digest([UInt8](repeating: 9, count: 32)) else { return Outcome() }
        let log = try EventLog.create(
            directory: directory, options: options, hash: .sha256,
            clock: { Instant(microseconds: 1) }, id: LogID(rawValue: UInt128(seed)), salt: salt)
        var outcome = Outcome()
        let attempts = try await race(on: log)
        try await duel(on: log, &outcome)
        try await repeatKeys(on: log, &outcome)
        try judge(attempts, log, &outcome)
        outcome.segmentCount = log.statistics.segmentCount
        try await log.close()
        return outcome
    }

    private static func batch(
        _ event: ConditionModel.Event, key: String? = nil, command: String = "Race"
    ) -> ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: 1), actor: .system, command: command,
                idempotencyKey: key), events: [ConditionModel.proposed(event)])
    }
}

// MARK: - Racing

extension ConditionRaces {
    private func race(on log: EventLog) async throws -> [Attempt] {
        try await withThrowingTaskGroup(of: [Attempt].self) { group in
            for task in 0..<tasks {
                group.addTask { try await attempts(of: task, on: log) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func attempts(of task: Int, on log: EventLog) async throws -> [Attempt] {
        var dice = Dice(seed: Chance.seed(seed, UInt64(task)))
        var attempts: [Attempt] = []
        for _ in 0..<appendsPerTask {
            let tags = [dice.below(6), 10 + dice.below(400)]
            let question = ConditionModel.Question.any([
                ConditionModel.Item(
                    types: dice.below(3) == 0 ? [dice.below(4)] : [],
                    tags: [tags[dice.below(2)]])
            ])
            let event = ConditionModel.Event(type: dice.below(4), tags: tags, writer: task)
            let headBefore = Int(log.head.rawValue)
            // Some ask about everything, some remember an older read.
            let after: Int? =
                switch dice.below(6) {
                case 0: nil
                case 1: max(0, headBefore - dice.below(50))
                default: headBefore
                }
            if dice.below(8) == 0 { _ = try log.read(ConditionModel.query(question), limit: 5) }
            let result = try await log.append(
                ConditionRaces.batch(event),
                when: AppendCondition(
                    failIfEventsMatch: ConditionModel.query(question),
                    after: after.map { LogPosition(rawValue: UInt64($0)) }))
            attempts.append(
                Attempt(
                    event: event, question: question, after: after, headBefore: headBefore,
                    headAfter: Int(log.head.rawValue), result: result))
        }
        return attempts
    }

    /// All ask for the same thing that nobody has: one gets it, the others learn where.
    private func duel(on log: EventLog, _ outcome: inout Outcome) async throws {
        for round in 0..<40 {
            let tag = 1_000 + round
            let question = ConditionModel.Question.any([ConditionModel.Item(types: [], tags: [tag])]
            )
            let results = try await withThrowingTaskGroup(of: AppendResult.self) { group in
                for task in 0..<tasks {
                    group.addTask {
                        let event = ConditionModel.Event(type: 0, tags: [tag], writer: task)
                        return try await log.append(
                            ConditionRaces.batch(event),
                            when: .nothingMatches(ConditionModel.query(question)))
                    }
                }
                return try await group.reduce(into: [AppendResult]()) { $0.append($1) }
            }
            let winners = results.compactMap { result -> LogPosition? in
                if case .appended(let positions) = result { positions.lowerBound } else { nil }
            }
            let losers = results.filter { result in
                if case .conflict(let position) = result {
                    position == winners.first
                } else {
                    false
                }
            }
            guard winners.count == 1, losers.count == tasks - 1 else {
                outcome.problems.append("duel \(round): \(results)")
                continue
            }
            outcome.duelCount += 1
        }
    }

    /// The same key from several tasks at once has one effect, and everybody gets its result.
    private func repeatKeys(on log: EventLog, _ outcome: inout Outcome) async throws {
        for round in 0..<40 {
            let event = ConditionModel.Event(type: 1, tags: [2_000 + round], writer: 0)
            let results = try await withThrowingTaskGroup(of: AppendResult.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await log.append(
                            ConditionRaces.batch(event, key: "key-\(round)", command: "Repeat"),
                            when: .nothingMatches(.tag(ConditionModel.tag(2_000 + round))))
                    }
                }
                return try await group.reduce(into: [AppendResult]()) { $0.append($1) }
            }
            let stored = try log.read(.tag(ConditionModel.tag(2_000 + round))).map(\.position)
            guard stored.count == 1, let position = stored.first,
                results.allSatisfy({ $0 == .appended(position...position) })
            else {
                outcome.problems.append("key \(round): \(results), stored at \(stored)")
                continue
            }
            outcome.repeatedKeyCount += 1
        }
    }
}

// MARK: - Judging

extension ConditionRaces {
    /// The positions give the one sequence in which everything happened; each answer must be the one
    /// that the model gives at its place, and none may contradict what its caller saw before.
    private func judge(_ attempts: [Attempt], _ log: EventLog, _ outcome: inout Outcome) throws {
        let events = try log.read(.all).map { event -> ConditionModel.Event in
            ConditionModel.Event(
                type: ConditionModel.types.firstIndex(of: event.type) ?? -1,
                tags: event.tags.map(ConditionRaces.number), writer: Int(event.payload.first ?? 0))
        }
        for attempt in attempts {
            let first = (attempt.after ?? 0) + 1
            switch attempt.result {
            case .appended(let positions):
                outcome.appendCount += 1
                let position = Int(positions.lowerBound.rawValue)
                guard position > attempt.headBefore, position <= attempt.headAfter,
                    events[position - 1] == attempt.event,
                    !events[min(first - 1, position - 1)..<(position - 1)]
                        .contains(where: attempt.question.matches)
                else {
                    outcome.problems.append("not justified: \(attempt)")
                    continue
                }
            case .conflict(let conflicting):
                outcome.conflictCount += 1
                let position = Int(conflicting.rawValue)
                guard position >= first, position <= attempt.headAfter,
                    attempt.question.matches(events[position - 1]),
                    !events[(first - 1)..<(position - 1)].contains(where: attempt.question.matches)
                else {
                    outcome.problems.append("not justified: \(attempt)")
                    continue
                }
                if position > attempt.headBefore { outcome.racedConflictCount += 1 }
            }
        }
        let appended = attempts.compactMap { attempt -> UInt64? in
            if case .appended(let positions) = attempt.result {
                positions.lowerBound.rawValue
            } else {
                nil
            }
        }
        if Set(appended).count != appended.count {
            outcome.problems.append("a position was given to two appends")
        }
    }

    private static func number(of tag: Tag) -> Int {
        switch tag.value {
        case .identifier(let number): Int(number)
        case .text(let text): Int(text) ?? -1
        }
    }
}
