public import DaybookCore

/// How a decider is put to work: which commands are tried, in which context, and how an event becomes
/// a fact. Described once, it serves all laws.
///
/// ```swift
/// let lending = Workload(Lending.self, commands: { history in
///     .weighted([(3, borrow), (2, giveBack(of: history.state.loans)), (1, reserve)])
/// })
/// ```
///
/// The functions of the decider are copied here and may be replaced by others, which is how a known
/// mistake is planted in a test of the tests.
public struct Workload<D: Decider> {
    /// The next command; sees what happened, so that it can aim at what is there. Draw names from small
    /// pools, so that commands get into each other's way.
    public var commands: (History<D>) -> Generator<D.Command>
    /// Commands that come first in every history and are not counted in its size.
    public var opening: [D.Command] = []
    /// The context before the first command. A new one for every history.
    public var context: () -> D.Context
    /// What passes between two commands, such as time.
    public var pass: (inout D.Context, Choices) throws -> Void
    /// The event as it would be recorded.
    public var record: (D.Event, LogPosition, D.Context) -> D.Fact
    public var initial: () -> D.State = { D.initial }
    public var evolve: (inout D.State, D.Fact) -> Void = { D.evolve(&$0, with: $1) }
    public var decide: (D.Command, D.State, inout D.Context) throws(D.Rejection) -> [D.Event] = {
        (command, state, context) throws(D.Rejection) in
        try D.decide(command, given: state, in: &context)
    }
    /// How many commands a history has.
    public var length = 0...30

    /// - Parameters:
    ///   - commands: the next command, by what happened so far.
    ///   - context: a new one for every history.
    ///   - pass: what passes between two commands, such as time; drawn from the choices.
    ///   - record: the event as it would be recorded.
    public init(
        _ decider: D.Type = D.self, commands: @escaping (History<D>) -> Generator<D.Command>,
        context: @escaping () -> D.Context,
        pass: @escaping (inout D.Context, Choices) throws -> Void = { _, _ in },
        record: @escaping (D.Event, LogPosition, D.Context) -> D.Fact
    ) {
        self.commands = commands
        self.context = context
        self.pass = pass
        self.record = record
    }
}

extension Workload where D.Fact == D.Event {
    /// For deciders that fold their events as they are.
    public init(
        _ decider: D.Type = D.self, commands: @escaping (History<D>) -> Generator<D.Command>,
        context: @escaping () -> D.Context,
        pass: @escaping (inout D.Context, Choices) throws -> Void = { _, _ in }
    ) {
        self.init(commands: commands, context: context, pass: pass) { event, _, _ in event }
    }
}

extension Workload where D.Fact == D.Event, D.Context == Void {
    /// For deciders that need nothing but command and state.
    public init(
        _ decider: D.Type = D.self, commands: @escaping (History<D>) -> Generator<D.Command>
    ) {
        self.init(commands: commands, context: {}, pass: { _, _ in }) { event, _, _ in event }
    }
}

extension Workload {
    /// The state after the facts.
    public func fold(_ facts: some Sequence<D.Fact>) -> D.State {
        fold(facts, from: initial())
    }

    /// The state after the facts, from an earlier one on.
    public func fold(_ facts: some Sequence<D.Fact>, from state: D.State) -> D.State {
        var state = state
        for fact in facts { evolve(&state, fact) }
        return state
    }

    /// Histories that the decider can produce, and no others.
    public var histories: Generator<History<D>> { histories(after: begin) }

    /// Histories that go on after a beginning: for openings that are long and need be decided once only.
    public func histories(
        after begin: @escaping () -> (history: History<D>, context: D.Context)
    ) -> Generator<History<D>> {
        Generator { choices in
            var (history, context) = begin()
            try choices.repeated(length) {
                try pass(&context, choices)
                let command = try commands(history).draw(from: choices)
                apply(command, to: &history, in: &context)
            }
            choices.label(history)
            return history
        }
    }

    /// A history that has got no further than the opening, and the context in which it goes on.
    public func begin() -> (history: History<D>, context: D.Context) {
        var history = History<D>(state: initial())
        var context = context()
        for command in opening { apply(command, to: &history, in: &context) }
        history.openingStepCount = history.steps.count
        history.openingFactCount = history.facts.count
        return (history, context)
    }

    /// Streams of commands, drawn against the states that they lead to.
    public var commandStreams: Generator<[D.Command]> {
        histories.map(\.commands)
    }

    /// The history that these commands lead to, after the opening, without anything that passes.
    public func history(of commands: some Sequence<D.Command>) -> History<D> {
        var (history, context) = begin()
        for command in commands { apply(command, to: &history, in: &context) }
        return history
    }

    /// Decides a command and records what it leads to.
    public func apply(
        _ command: D.Command, to history: inout History<D>, in context: inout D.Context
    ) {
        var step = History<D>.Step(command: command, context: context)
        do throws(D.Rejection) {
            let events = try decide(command, history.state, &context)
            step.outcome = .success(events)
            for event in events {
                let position = LogPosition(rawValue: UInt64(history.facts.count + 1))
                let fact = record(event, position, context)
                evolve(&history.state, fact)
                history.facts.append(fact)
            }
        } catch {
            step.outcome = .failure(error)
        }
        history.steps.append(step)
    }
}
