public import DaybookCore

/// Commands and what they led to: a history that the decider itself produced.
public struct History<D: Decider> {
    /// One command, decided.
    public struct Step {
        public var command: D.Command
        /// As it was before the command.
        public var context: D.Context
        public var outcome: Result<[D.Event], D.Rejection> = .success([])
    }

    public var steps: [Step] = []
    /// Everything recorded, in order.
    public var facts: [D.Fact] = []
    /// How many of the steps and facts are the opening's.
    var openingStepCount = 0
    var openingFactCount = 0
    /// After the last fact.
    public var state: D.State

    init(state: D.State) {
        self.state = state
    }

    /// The commands after the opening.
    public var commands: [D.Command] { steps[openingStepCount...].map(\.command) }

    /// How many commands after the opening were rejected.
    public var rejectedCount: Int {
        steps[openingStepCount...].count { step in
            if case .failure = step.outcome { true } else { false }
        }
    }
}

extension History: CountsEvents, CountsCommands {
    /// The opening's are not counted.
    public var eventCount: Int { facts.count - openingFactCount }
    /// The opening's are not counted.
    public var commandCount: Int { steps.count - openingStepCount }
}

extension History: SwiftSourceConvertible {
    /// The commands, each with what it led to, and the facts as a list.
    public var swiftSource: String {
        let steps = steps[openingStepCount...]
        var lines = ["// \(steps.count) commands, \(eventCount) facts"]
        if openingFactCount > 0 { lines[0] += " after an opening of \(openingFactCount)" }
        lines.append("let commands = [")
        for step in steps {
            lines += DaybookTestKit.swiftSource(of: step.command).indentedLines(",")
            switch step.outcome {
            case .failure(let reason):
                lines.append(
                    "rejected: \(DaybookTestKit.swiftSource(of: reason))".commented.indentedLines()
                        .joined(separator: "\n"))
            case .success(let events):
                if events.isEmpty { lines.append("    // changed nothing") }
            }
        }
        lines += ["]", "let facts = ["]
        for fact in facts[openingFactCount...] {
            lines += DaybookTestKit.swiftSource(of: fact).indentedLines(",")
        }
        return (lines + ["]"]).joined(separator: "\n")
    }
}

extension String {
    func indentedLines(_ end: String = "") -> [String] {
        (self + end).split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    }
}

extension String {
    /// Every line of it as a comment.
    var commented: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { "// " + $0 }
            .joined(separator: "\n")
    }
}

extension Choices {
    static let emptyHistory = "history without events"

    /// Tells in the report whether histories are worth something.
    func label<D>(_ history: History<D>) {
        if history.eventCount == 0 { label(Choices.emptyHistory) }
        if history.rejectedCount > 0 { label("with rejected commands") }
        if history.eventCount >= 10 { label("10 events or more") }
    }
}
