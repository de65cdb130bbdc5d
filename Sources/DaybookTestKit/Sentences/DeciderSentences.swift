public import DaybookCore

/// Begins a sentence about a decider: *given events, when a command, then events*.
///
/// ```swift
/// try given(Lending.self, .borrowed("dune", by: "ann")).when(.borrow("dune", by: "bob"))
///     .thenRejected(.isLent)
/// ```
///
/// - Parameter facts: what happened before, as recorded; none: nothing.
public func given<D: Decider>(_ decider: D.Type, _ facts: D.Fact...) -> GivenFacts<D> {
    GivenFacts(facts)
}

/// Begins a sentence about a decider with a list of facts.
public func given<D: Decider>(_ decider: D.Type, _ facts: [D.Fact]) -> GivenFacts<D> {
    GivenFacts(facts)
}

/// What happened before.
public struct GivenFacts<D: Decider> {
    let facts: [D.Fact]
    let state: D.State

    init(_ facts: [D.Fact]) {
        self.facts = facts
        var state = D.initial
        for fact in facts { D.evolve(&state, with: fact) }
        self.state = state
    }

    /// Decides a command in a context.
    public func when(_ command: D.Command, in context: D.Context) -> Decision<D> {
        var context = context
        do throws(D.Rejection) {
            let events = try D.decide(command, given: state, in: &context)
            return Decision(command: command, outcome: .success(events))
        } catch {
            return Decision(command: command, outcome: .failure(error))
        }
    }

    /// Looks at the state that the facts lead to.
    ///
    /// - Throws: what `body` throws.
    @discardableResult
    public func thenState(_ body: (D.State) throws -> Void) rethrows -> GivenFacts {
        try body(state)
        return self
    }
}

extension GivenFacts where D.Context == Void {
    /// Decides a command.
    public func when(_ command: D.Command) -> Decision<D> { when(command, in: ()) }
}

/// What a command led to. Every `then…` throws ``RequirementFailure`` with the caller's file and line
/// and a line-by-line difference.
public struct Decision<D: Decider> {
    public let command: D.Command
    public let outcome: Result<[D.Event], D.Rejection>

    /// The command led to these events, in this order.
    public func then(
        _ events: D.Event..., file: String = #fileID, line: Int = #line
    ) throws where D.Event: Equatable {
        try then(events, file: file, line: line)
    }

    /// The command led to these events, in this order.
    public func then(
        _ events: [D.Event], file: String = #fileID, line: Int = #line
    ) throws where D.Event: Equatable {
        if case .success(let actual) = outcome, actual == events { return }
        try refuse(listed(events), file, line)
    }

    /// The command was allowed and changed nothing.
    public func thenNothing(file: String = #fileID, line: Int = #line) throws {
        if case .success(let events) = outcome, events.isEmpty { return }
        try refuse("nothing", file, line)
    }

    /// The command was rejected for this reason.
    public func thenRejected(
        _ reason: D.Rejection, file: String = #fileID, line: Int = #line
    ) throws where D.Rejection: Equatable {
        if case .failure(let actual) = outcome, actual == reason { return }
        try refuse("rejected: " + swiftSource(of: reason), file, line)
    }

    /// The command was rejected, for whatever reason.
    public func thenRejected(file: String = #fileID, line: Int = #line) throws {
        if case .failure = outcome { return }
        try refuse("rejected", file, line)
    }

    private func refuse(_ expected: String, _ file: String, _ line: Int) throws {
        let actual =
            switch outcome {
            case .success(let events): listed(events)
            case .failure(let reason): "rejected: " + swiftSource(of: reason)
            }
        throw RequirementFailure(
            "when \(swiftSource(of: command))\n\(Difference(expected: expected, actual: actual))",
            file: file, line: line)
    }
}

/// Values one a line, so that a difference names those that differ.
func listed(_ values: [some Any]) -> String {
    values.isEmpty ? "nothing" : values.map { swiftSource(of: $0) }.joined(separator: "\n")
}
