internal import DaybookSimulator

/// One run of a property: the corpus, then cases from the seed, then making the first failure small.
struct PropertyRun {
    private let property: Property
    private let options: PropertyOptions
    private let seed: UInt64
    private var result: PropertyReport
    private let clock = ContinuousClock()

    /// So many cases are looked at before too many given up are held against a property.
    private static let patience = 20

    init(_ property: Property, _ options: PropertyOptions) {
        self.property = property
        self.options = options
        seed = options.seed ?? stableHash(property.name.utf8)
        result = PropertyReport(property: property.name, seed: seed)
    }

    consuming func report() -> PropertyReport {
        let start = clock.now
        do {
            if try !replayCorpus() { try runCases(since: start) }
        } catch {
            result.verdict = .failed
            result.counterexample = Counterexample(
                message: "\(error)", source: "// No case: the corpus cannot be used.", choices: [],
                firstChoiceCount: 0, shrinkRuns: 0)
        }
        let (whole, fraction) = (clock.now - start).components
        result.seconds = Double(whole) + Double(fraction) / 1e18
        return result
    }

    consuming func report(of record: [UInt64]) -> PropertyReport {
        let choices = Choices(replaying: record)
        result.cases = 1
        switch property.attempt(choices) {
        case .held: result.verdict = .held
        case .discarded: result.verdict = .discardedTooMuch
        case .failed(let cause):
            do { try fail(choices, cause) } catch { preconditionFailure("there is no corpus") }
        }
        return result
    }

    /// - Returns: whether one of them fails still.
    private mutating func replayCorpus() throws -> Bool {
        guard let folder = options.corpus else { return false }
        for (file, failure) in try FailureCorpus(folder: folder).failures(of: property.name) {
            let choices = Choices(replaying: failure.choices)
            switch property.attempt(choices) {
            case .held: result.replayed += 1
            case .failed(let cause):
                result.replayed += 1
                try fail(choices, cause)
                return true
            case .discarded:
                // A guard that guards nothing any more must not look like one that holds.
                throw CorpusError(
                    file: file, reason: "its choices stand for no case: the generators have changed"
                )
            }
        }
        return false
    }

    private mutating func runCases(since start: ContinuousClock.Instant) throws {
        var index: UInt64 = 0
        while result.cases < options.cases {
            if let budget = options.budget, clock.now - start >= budget { break }
            // The simplest case first; then larger ones, by and by.
            let size = 20 + Int(min(index * 2, 80))
            let choices =
                index == 0
                ? Choices(replaying: [])
                : Choices(seed: Chance.seed(seed, index), size: size)
            index += 1
            switch property.attempt(choices) {
            case .held:
                result.cases += 1
                for label in choices.labels { result.labels[label, default: 0] += 1 }
            case .discarded:
                result.discarded += 1
                if result.discarded >= PropertyRun.patience,
                    result.discarded > result.cases * options.discardLimit
                {
                    result.verdict = .discardedTooMuch
                    return
                }
            case .failed(let cause):
                result.cases += 1
                return try fail(choices, cause)
            }
        }
        // Histories in which nothing ever happens keep every law.
        let emptyCount = result.labels[Choices.emptyHistory, default: 0]
        let saysNothing = result.cases >= 20 && emptyCount == result.cases
        result.verdict =
            (result.cases > 0 || result.replayed > 0) && !saysNothing ? .held : .ranNothing
    }

    private mutating func fail(_ choices: Choices, _ cause: CaseFailure) throws {
        var small = cause
        let first = Shrinker.Attempt(choices)
        var isReproducible = false
        if case .failed = property.attempt(Choices(replaying: choices.record)) {
            isReproducible = true
        }
        // Each try with tasks that wait for each other takes as long as the first.
        let limit = cause.error is StuckWork ? min(20, options.shrinkRuns) : options.shrinkRuns
        var shrinker = Shrinker(first, limit: isReproducible ? limit : 0) {
            [property] record in
            let choices = Choices(replaying: record)
            guard case .failed(let failure) = property.attempt(choices),
                failure.kind == cause.kind
            else { return nil }
            return Shrinker.Attempt(choices)
        }
        shrinker.shrink()
        if shrinker.best.record != choices.record,
            case .failed(let failure) = property.attempt(
                Choices(replaying: shrinker.best.record))
        {
            small = failure
        }
        var example = Counterexample(
            message: small.message, source: small.source, eventCount: small.eventCount,
            commandCount: small.commandCount, choices: shrinker.best.record,
            firstChoiceCount: first.record.count,
            shrinkRuns: shrinker.runs, isReproducible: isReproducible)
        if let folder = options.corpus {
            example.file = try FailureCorpus(folder: folder).record(
                RecordedFailure(
                    property: property.name, seed: seed, choices: example.choices,
                    message: example.message, counterexample: example.source))
        }
        result.verdict = .failed
        result.counterexample = example
    }
}
