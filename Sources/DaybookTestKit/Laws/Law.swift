public import DaybookCore

/// Laws that hold for every sound decider, projector and upcaster: each takes a user's own types and
/// gives a property.
///
/// ```swift
/// try Law.everyPrefix(of: lending, keeps: [Invariant("no book is lent twice") { … }]).check()
/// ```
///
/// Which law finds which kind of mistake: Documentation/Properties/laws.md.
public enum Law {}

/// Something that must be true of every state.
public struct Invariant<State>: Sendable {
    public let name: String
    let holds: @Sendable (State) throws -> Bool

    /// - Parameter holds: says no by `false` or by throwing an error that explains more.
    public init(_ name: String, _ holds: @escaping @Sendable (State) throws -> Bool) {
        self.name = name
        self.holds = holds
    }
}

// MARK: - Deciders

extension Law {
    /// Every prefix of every history satisfies the invariants.
    public static func everyPrefix<D>(
        of workload: Workload<D>, keeps invariants: [Invariant<D.State>]
    ) -> Property {
        Property("every prefix keeps the invariants of \(D.self)", workload.histories) { history in
            var state = workload.initial()
            try demand(invariants, of: state, after: 0)
            for (index, fact) in history.facts.enumerated() {
                workload.evolve(&state, fact)
                try demand(invariants, of: state, after: index + 1)
            }
        }
    }

    /// As ``everyPrefix(of:keeps:)``, but looked at between batches only: for invariants that hold
    /// before and after a command and not between its events.
    public static func everyDecision<D>(
        of workload: Workload<D>, keeps invariants: [Invariant<D.State>]
    ) -> Property {
        Property("every decision keeps the invariants of \(D.self)", workload.histories) {
            history in
            var replayed = History<D>(state: workload.initial())
            try demand(invariants, of: replayed.state, after: 0)
            for step in history.steps {
                var context = step.context
                workload.apply(step.command, to: &replayed, in: &context)
                try demand(invariants, of: replayed.state, after: replayed.facts.count)
            }
        }
    }

    private static func demand<State>(
        _ invariants: [Invariant<State>], of state: State, after count: Int
    ) throws {
        for invariant in invariants where try !invariant.holds(state) {
            throw LawBroken(
                "after event \(count): \(invariant.name)\n\(listed([state]))",
                clause: invariant.name)
        }
    }

    /// Folding the same facts again gives the same state, and so does folding them batch by batch,
    /// however they are grouped.
    public static func foldIsDeterministic<D>(_ workload: Workload<D>) -> Property
    where D.State: Equatable {
        let cases = withCuts(workload)
        return Property("folding \(D.self) is deterministic", cases) { split in
            let once = workload.fold(split.facts)
            try same(workload.fold(split.facts), once, "folded twice")
            var state = workload.initial()
            for run in split.runs { state = workload.fold(run, from: state) }
            try same(state, once, "folded in groups")
        }
    }

    /// A state that was written, read and carried on equals one that was folded from the beginning.
    public static func snapshotAndTailEqualReplay<D>(
        _ workload: Workload<D>, write: @escaping (D.State) throws -> [UInt8],
        read: @escaping ([UInt8]) throws -> D.State
    ) -> Property where D.State: Equatable {
        let cases = withCuts(workload)
        return Property("snapshot and tail of \(D.self) equal a replay", cases) { split in
            var state = workload.initial()
            for run in split.runs {
                state = workload.fold(run, from: state)
                let bytes = try write(state)
                try same(try write(state), bytes, "written twice")
                let copy = try read(bytes)
                try same(copy, state, "written and read")
                state = copy
            }
            try same(state, workload.fold(split.facts), "snapshots and tails")
        }
    }

    /// Deciding depends on command, state and context only: not on a clock, on chance, on what was
    /// decided before, or on how the state came about.
    ///
    /// Each history is decided again after all of it was decided, from states that were folded anew.
    public static func decidesFromStateOnly<D>(_ workload: Workload<D>) -> Property
    where D.Event: Equatable {
        Property("\(D.self) decides from its state only", workload.histories) { history in
            var count = 0
            for (index, step) in history.steps.enumerated() {
                let state = workload.fold(history.facts.prefix(count))
                for attempt in 1...2 {
                    var context = step.context
                    let again = decision(of: workload, step.command, state, &context)
                    guard sameOutcome(again, step.outcome) else {
                        throw LawBroken(
                            "command \(index + 1), decided again (\(attempt)): "
                                + swiftSource(of: step.command) + "\n"
                                + Difference(expected: text(step.outcome), actual: text(again))
                                .description, clause: "decided again")
                    }
                }
                if case .success(let events) = step.outcome { count += events.count }
            }
        }
    }

    private static func decision<D>(
        of workload: Workload<D>, _ command: D.Command, _ state: D.State,
        _ context: inout D.Context
    ) -> Result<[D.Event], D.Rejection> {
        do throws(D.Rejection) {
            return .success(try workload.decide(command, state, &context))
        } catch {
            return .failure(error)
        }
    }

    /// By `==` where the type has one; `nil` where it has none.
    private static func areEqual<Value>(_ left: Value, _ right: Value) -> Bool? {
        func compare<Compared: Equatable>(_ left: Compared) -> Bool { right as? Compared == left }
        return (left as? any Equatable).map { compare($0) }
    }

    private static func sameOutcome<Event: Equatable, Rejection>(
        _ left: Result<[Event], Rejection>, _ right: Result<[Event], Rejection>
    ) -> Bool {
        switch (left, right) {
        case (.success(let left), .success(let right)): left == right
        case (.failure(let left), .failure(let right)):
            areEqual(left, right) ?? (swiftSource(of: left) == swiftSource(of: right))
        default: false
        }
    }

    private static func text<Event, Rejection>(_ outcome: Result<[Event], Rejection>) -> String {
        switch outcome {
        case .success(let events): listed(events)
        case .failure(let reason): "rejected: " + swiftSource(of: reason)
        }
    }
}

/// A law does not hold.
public struct LawBroken: Error, CustomStringConvertible, Sendable {
    public var description: String
    /// Which part of the law it was, so that a smaller case breaks the same one.
    let clause: String

    /// - Parameter clause: which part of the law it was, in words without the case.
    public init(_ description: String, clause: String) {
        self.description = description
        self.clause = clause
    }
}

// MARK: - Shared by laws

/// Facts, and how they are grouped into runs.
struct SplitFacts<Fact>: CountsEvents {
    var facts: [Fact]
    /// Indexes before which a new run begins, ascending.
    var cuts: [Int]
    /// How many of the facts are an opening's.
    var openingFactCount = 0

    var eventCount: Int { facts.count - openingFactCount }

    var runs: [ArraySlice<Fact>] {
        let ends = cuts + [facts.count]
        var start = 0
        return ends.map { end in
            defer { start = end }
            return facts[start..<end]
        }
    }
}

func withCuts<D>(_ workload: Workload<D>) -> Generator<SplitFacts<D.Fact>> {
    let histories = workload.histories
    return Generator { choices in
        let history = try histories.draw(from: choices)
        var split = try withCuts(.always(history.facts)).draw(from: choices)
        split.openingFactCount = history.openingFactCount
        return split
    }
}

func withCuts<Fact>(_ facts: Generator<[Fact]>) -> Generator<SplitFacts<Fact>> {
    Generator { choices in
        let facts = try facts.draw(from: choices)
        let cuts = try Generator<Int>.integer(in: 0...facts.count).array(count: 0...4)
            .draw(from: choices)
        return SplitFacts(facts: facts, cuts: cuts.sorted())
    }
}

func same<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ what: String, clause: String? = nil
) throws {
    guard actual != expected else { return }
    let difference = Difference(
        expected: swiftSource(of: expected), actual: swiftSource(of: actual))
    throw LawBroken("\(what): not the same\n\(difference)", clause: clause ?? what)
}
