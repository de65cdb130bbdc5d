import DaybookCore
import DaybookLog

/// One log, and a few dozen histories of writers that race on it, one after another; every answer is
/// compared with the model's.
///
/// Everything is drawn from one seed. Confined to one thread.
struct ConditionWorld {
    /// What a writer knows from its last read.
    private struct Writer {
        var question: ConditionModel.Question
        var after: Int
    }

    /// Why the log and the model differ.
    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    static let historiesPerWorld = 64

    private let storage = MemoryStorage()
    private var log: OpenedLog
    private var model = ConditionModel()
    private var chance: Dice
    private var inFlight: [StagedGroup] = []
    private var writers: [Writer] = []
    private var history = 0
    /// The last position before this history.
    private var historyStart = 0
    private var segmentCount = 1
    private(set) var situations = ConditionTally()
    private(set) var stepCount = 0

    private static let options: EventLogOptions = {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.indexesInBackground = false
        return options
    }()
    private static let salt = Digest([UInt8](repeating: 7, count: 32)) ?? .zero

    init(seed: UInt64) throws {
        chance = Dice(seed: seed)
        log = try LogDirectory.create(
            storage: storage, options: ConditionWorld.options, hash: .quick,
            clock: { Instant(microseconds: 1_000_000) }, newLogID: LogID(rawValue: UInt128(seed)),
            salt: ConditionWorld.salt)
    }

    /// Runs the histories; each ends with all groups durable and a question asked.
    mutating func run() throws {
        for number in 0..<ConditionWorld.historiesPerWorld {
            history = number
            historyStart = model.durableCount
            writers = (0..<(2 + chance.below(7))).map { _ in
                Writer(question: question(), after: model.durableCount)
            }
            for _ in 0..<(5 + chance.below(12)) { try step() }
            try commitAll()
            try compareRead(writers[0].question)
        }
        try log.committer.close()
    }
}

// MARK: - Steps

extension ConditionWorld {
    private mutating func step() throws {
        stepCount += 1
        switch chance.below(40) {
        case 0..<9: try read(by: chance.below(writers.count))
        case 9..<29: try append(by: chance.below(writers.count))
        case 29..<36: try commitOne()
        case 36: closeGroup()
        case 37, 38: try index()
        default: if chance.below(12) == 0 { try reopen() } else { closeGroup() }
        }
    }

    /// A writer asks and remembers up to where it has seen everything.
    private mutating func read(by writer: Int) throws {
        if chance.below(3) == 0 {
            writers[writer].question = question()
        } else if chance.below(3) == 0 {
            // Two that want the same.
            writers[writer].question = writers[chance.below(writers.count)].question
        }
        if chance.below(4) == 0 { try compareRead(writers[writer].question) }
        writers[writer].after = model.durableCount
    }

    private mutating func append(by writer: Int) throws {
        let batch = (0..<(1 + chance.below(2))).map { _ in event(by: writer) }
        var question: ConditionModel.Question? = writers[writer].question
        var after: Int? = writers[writer].after
        switch chance.below(24) {
        case 0: question = nil
        case 1: question = .any([])
        case 2: question = .all
        case 3: after = model.events.count
        case 4: after = model.events.count + 1 + chance.below(3)
        case 5...9: after = nil
        case 10: after = chance.below(model.events.count + 1)
        default: break
        }
        let head = model.events.count
        let expected = model.append(batch, unless: question, after: after)
        let found = try answer(batch, question, after)
        guard found == expected else {
            throw Difference(
                description:
                    "history \(history): append by writer \(writer) unless \(String(describing: question)) "
                    + "after \(String(describing: after)) at head \(head): \(found), "
                    + "expected \(expected)")
        }
        note(expected, question, after: after, head: head, writer: writer)
    }

    private func answer(
        _ batch: [ConditionModel.Event], _ question: ConditionModel.Question?, _ after: Int?
    ) throws -> ConditionModel.Answer {
        let condition = question.map { question in
            AppendCondition(
                failIfEventsMatch: ConditionModel.query(question),
                after: after.map { LogPosition(rawValue: UInt64($0)) })
        }
        let proposed = ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: 1), actor: .system, command: "Race"),
            events: batch.map(ConditionModel.proposed))
        do throws(EventLogError) {
            switch try log.writer.stage(proposed, when: condition) {
            case .appended(let positions):
                return .appended(
                    first: Int(positions.lowerBound.rawValue),
                    last: Int(positions.upperBound.rawValue))
            case .conflict(let position): return .conflict(Int(position.rawValue))
            }
        } catch {
            switch error.code {
            case .afterBeyondHead: return .afterBeyondHead
            case .invalidQuery: return .invalidQuery
            default: throw error
            }
        }
    }

    private mutating func closeGroup() {
        if let group = log.writer.closeGroup() { inFlight.append(group) }
    }

    private mutating func commitOne() throws {
        if inFlight.isEmpty { closeGroup() }
        guard !inFlight.isEmpty else { return }
        let head = try log.committer.commit(inFlight.removeFirst())
        model.durableCount = Int(head.position.rawValue)
        let count = log.reader.statistics.segmentCount
        if count > segmentCount { situations.note(.rotated) }
        segmentCount = count
    }

    private mutating func commitAll() throws {
        closeGroup()
        while !inFlight.isEmpty { try commitOne() }
        guard model.durableCount == model.events.count else {
            throw Difference(
                description: "history \(history): \(model.durableCount) events are durable, "
                    + "\(model.events.count) were staged")
        }
    }

    private mutating func index() throws {
        if try log.reader.indexNextSegment() { situations.note(.indexed) }
    }

    /// Ends the process, in order or not, and begins another.
    private mutating func reopen() throws {
        if chance.below(2) == 0 {
            try commitAll()
            try log.committer.close()
            situations.note(.reopened)
        } else {
            storage.dropLock()
            if model.events.count > model.durableCount { situations.note(.killed) }
            model.forgetStaged()
            inFlight = []
        }
        log = try LogDirectory.open(
            storage: storage, options: ConditionWorld.options, hash: .quick,
            clock: { Instant(microseconds: 1_000_000) })
        for index in writers.indices {
            writers[index].after = min(writers[index].after, model.events.count)
        }
    }

    private mutating func compareRead(_ question: ConditionModel.Question) throws {
        if case .any(let items) = question, items.isEmpty { return }
        let query = ConditionModel.query(question)
        // Mostly about this history: reading all of the log would take most of the time.
        let after = chance.below(6) == 0 ? 0 : historyStart
        let expected = model.read(question, after: after)
        let isForwards = chance.below(2) == 0
        let limit = isForwards ? nil : 1 + chance.below(4)
        let found = try log.reader.read(
            query, from: LogPosition(rawValue: UInt64(after + 1)),
            direction: isForwards ? .forwards : .backwards, limit: limit
        ).map { Int($0.position.rawValue) }
        let wanted = isForwards ? expected : Array(expected.reversed().prefix(limit ?? 0))
        guard found == wanted else {
            throw Difference(
                description: "history \(history): \(query) after \(after) reads \(found), "
                    + "expected \(wanted)")
        }
        situations.note(isForwards ? .readForwards : .readBackwards)
    }
}

// MARK: - What is drawn

extension ConditionWorld {
    /// Mostly tags of this history, so that questions about all of the log stay interesting.
    private mutating func tag() -> Int {
        chance.below(8) == 0 ? chance.below(3) : 8 + history * 8 + chance.below(5)
    }

    private mutating func event(by writer: Int) -> ConditionModel.Event {
        var tags = (0..<chance.below(4)).map { _ in tag() }
        if let first = tags.first, chance.below(6) == 0 { tags.append(first) }
        return ConditionModel.Event(type: chance.below(4), tags: tags, writer: writer)
    }

    private mutating func question() -> ConditionModel.Question {
        if chance.below(12) == 0 { return .all }
        let items = (0..<(1 + chance.below(3))).map { _ in
            ConditionModel.Item(
                types: (0..<4).filter { _ in chance.below(4) == 0 },
                tags: (0..<(chance.below(8) == 0 ? 0 : 1 + chance.below(2))).map { _ in tag() })
        }
        return .any(items)
    }
}

// MARK: - What was met

extension ConditionWorld {
    private mutating func note(
        _ answer: ConditionModel.Answer, _ question: ConditionModel.Question?, after: Int?,
        head: Int, writer: Int
    ) {
        switch answer {
        case .afterBeyondHead: situations.note(.afterBeyondHead)
        case .invalidQuery: situations.note(.emptyQuery)
        case .appended:
            guard let question else { return situations.note(.unconditional) }
            noteAppended(question, after: after, head: head)
        case .conflict(let position):
            guard let question else { return }
            noteConflict(at: position, question, after: after, head: head, writer: writer)
        }
        if case .appended = answer { return }
        situations.note(.refusedStagesNothing)
    }

    private mutating func noteAppended(
        _ question: ConditionModel.Question, after: Int?, head: Int
    ) {
        if let after, after == head { situations.note(.afterAtHead) }
        if let after, after > 0, after < head, question.matches(model.events[after - 1]) {
            situations.note(.afterIsExclusive)
        }
        if after == nil {
            situations.note(.withoutAfterAppended)
            if segmentCount > 2 { situations.note(.appendedAcrossSealed) }
        }
        guard case .any(let items) = question else { return situations.note(.queryAllAppended) }
        let beyond = model.events[(after ?? 0)..<head]
        for item in items where item.tags.count > 1 {
            for event in beyond where event.tags.contains(where: item.tags.contains) {
                return situations.note(.tagsAreAllNeeded)
            }
        }
    }

    private mutating func noteConflict(
        at position: Int, _ question: ConditionModel.Question, after: Int?, head: Int, writer: Int
    ) {
        let event = model.events[position - 1]
        if after == nil { situations.note(.withoutAfterConflict) }
        if let after, after > 0, question.matches(model.events[after - 1]) {
            situations.note(.afterIsExclusive)
        }
        if model.events[position..<head].contains(where: question.matches) {
            situations.note(.firstOfSeveral)
        }
        if let after, after == writers[writer].after, event.writer != writer,
            position > after, position > model.durableCount
        {
            situations.note(.oneOfTwoWins)
        }
        notePlace(of: position)
        guard case .any(let items) = question else { return situations.note(.queryAllConflict) }
        if let first = items.first, !first.matches(event) { situations.note(.itemsAreAlternatives) }
        for item in items where item.matches(event) {
            if item.tags.isEmpty { situations.note(.typeOnly) }
            if item.types.isEmpty { situations.note(.tagOnly) }
            if item.types.count > 1, item.types[0] != event.type {
                situations.note(.typesAreAlternatives)
            }
            for tag in item.tags where event.tags.count(where: { $0 == tag }) > 1 {
                situations.note(.duplicateTag)
            }
        }
    }

    private mutating func notePlace(of position: Int) {
        let position = UInt64(position)
        if position <= log.reader.indexedThrough {
            situations.note(.conflictInSealedIndexed)
        } else if position <= log.reader.sealedThrough {
            situations.note(.conflictInSealedUnindexed)
        } else if position <= UInt64(model.durableCount) {
            situations.note(.conflictInActiveSegment)
        } else if let last = inFlight.last, position <= last.lastPosition.rawValue {
            situations.note(.conflictInFlight)
        } else {
            situations.note(.conflictInSameGroup)
        }
    }
}

/// Random numbers without a record: a world is repeated from its seed.
struct Dice {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    /// 0 to `count` - 1.
    mutating func below(_ count: Int) -> Int {
        Int(generator.next().multipliedFullWidth(by: UInt64(count)).high)
    }
}
