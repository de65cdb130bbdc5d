/// Makes a failing run small: fewer steps, simpler choices, an earlier crash.
///
/// A candidate counts when it still fails in the same way. Because a shortened main line has its
/// calls elsewhere, the crash is searched for at every call of it.
package struct LogShrinker {
    private var best: LogScenario
    private let kind: Violation.Kind
    package private(set) var attempts = 0
    private let attemptLimit: Int

    package init(_ scenario: LogScenario, kind: Violation.Kind, attemptLimit: Int = 400) {
        best = scenario
        self.kind = kind
        self.attemptLimit = attemptLimit
    }

    package mutating func shrink() -> LogScenario {
        simplifyOptions()
        var before: LogScenario
        repeat {
            before = best
            for level in -1..<best.crashes.count {
                deleteSpans(of: level)
                lowerValues(of: level)
            }
        } while best != before && attempts < attemptLimit
        return best
    }

    /// - Returns: whether the candidate fails in the same way; it is kept then.
    @discardableResult
    private mutating func accept(_ candidate: LogScenario) -> Bool {
        guard attempts < attemptLimit else { return false }
        attempts += 1
        guard let failure = candidate.search(), failure.violation.kind == kind else { return false }
        let found = LogScenario(
            violation: failure.violation.description, options: candidate.options, failure: failure)
        var trimmed = found
        trimmed.dropTrailingZeros()
        guard trimmed.weight < best.weight || candidate.options != best.options else {
            return false
        }
        best = trimmed
        return true
    }

    private mutating func simplifyOptions() {
        let plain = LogWorldOptions()
        let fields: [(inout LogWorldOptions) -> Void] = [
            { $0.isMarked = plain.isMarked }, { $0.isCompressed = plain.isCompressed },
            { $0.hasSchema = plain.hasSchema }, { $0.payloadLimit = plain.payloadLimit },
            { $0.groupLimit = 1 }, { $0.eventLimit = 1 },
            { $0.nestingRarity = plain.nestingRarity },
        ]
        for simplify in fields {
            var candidate = best
            simplify(&candidate.options)
            if candidate.options != best.options { accept(candidate) }
        }
    }

    private mutating func deleteSpans(of level: Int) {
        var span = max(best.count(of: level) / 2, 1)
        while span >= 1 {
            var start = 0
            while start + span <= best.count(of: level) {
                var candidate = best
                candidate.edit(level) { $0.removeSubrange(start..<(start + span)) }
                if !accept(candidate) { start += span }
            }
            span /= 2
        }
    }

    private mutating func lowerValues(of level: Int) {
        for index in 0..<best.count(of: level) where index < best.count(of: level) {
            for value in [0, best.value(level, index) / 2] where value < best.value(level, index) {
                var candidate = best
                candidate.edit(level) { $0[index] = value }
                if accept(candidate) { break }
            }
        }
    }
}

extension LogScenario {
    fileprivate var weight: [Int] {
        let all = choices + crashes.flatMap(\.choices)
        return [choiceCount, crashes.map(\.ordinal).reduce(0, +), all.reduce(0) { $0 + Int($1) }]
    }

    fileprivate func count(of level: Int) -> Int {
        level < 0 ? choices.count : level < crashes.count ? crashes[level].choices.count : 0
    }

    fileprivate func value(_ level: Int, _ index: Int) -> UInt32 {
        level < 0 ? choices[index] : crashes[level].choices[index]
    }

    fileprivate mutating func edit(_ level: Int, _ body: (inout [UInt32]) -> Void) {
        if level < 0 { body(&choices) } else { body(&crashes[level].choices) }
    }

    /// A replay gives zeros anyway.
    fileprivate mutating func dropTrailingZeros() {
        while choices.last == 0 { choices.removeLast() }
        for level in crashes.indices {
            while crashes[level].choices.last == 0 { crashes[level].choices.removeLast() }
        }
    }
}

extension [Int] {
    fileprivate static func < (left: [Int], right: [Int]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}
