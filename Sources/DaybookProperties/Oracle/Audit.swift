import DaybookCore
import DaybookDecisions
import DaybookTestKit

/// One decided command, with the state before and after it.
struct AuditStep {
    var command: PreparedCommand
    /// As it was before the command.
    var context: DecisionContext
    /// What it led to; `nil` rejection.
    var rejection: Rejection?
    var facts: ArraySlice<Fact>
    var before: Shop
    var after: Shop
}

/// A promise that a step did not keep.
struct Finding {
    /// The property's number.
    var property: String
    var text: String

    init(_ property: String, _ text: String) {
        self.property = property
        self.text = text
    }
}

/// A small reference model of one side of the shop: dictionaries, told what happened, knowing nothing of
/// how the shop keeps its own figures.
protocol AuditBook {
    init()

    /// Takes a step in and says what it should not have been.
    mutating func follow(_ step: AuditStep) -> [Finding]
}

/// Goes through histories command by command, the opening included.
final class Audit<Book: AuditBook> {
    private struct Progress {
        var book = Book()
        var state = ShopDecider.initial
        var factCount = 0
    }

    /// By the shop's settings, how far the opening leads: it is the same in every history.
    private var opened: [ShopSettings: Progress] = [:]

    init(by _: Book.Type) {}

    /// What the first step that should not have been should have been.
    func findings(in history: ShopHistory) -> [Finding] {
        let openingCount = history.steps.count - history.commandCount
        let settings = history.steps.first?.context.settings ?? ShopSettings()
        let known = opened[settings]
        var progress = known ?? Progress()
        for (index, step) in history.steps.enumerated().dropFirst(known == nil ? 0 : openingCount) {
            if index == openingCount { opened[settings] = progress }
            let findings = Audit.take(step, of: history, &progress)
            if !findings.isEmpty { return findings }
        }
        return []
    }

    private static func take(
        _ step: ShopHistory.Step, of history: ShopHistory, _ progress: inout Progress
    ) -> [Finding] {
        var audited = AuditStep(
            command: step.command, context: step.context, rejection: nil, facts: [],
            before: progress.state, after: progress.state)
        switch step.outcome {
        case .failure(let rejection): audited.rejection = rejection
        case .success(let events):
            let end = progress.factCount + events.count
            audited.facts = history.facts[progress.factCount..<end]
            progress.factCount = end
            for fact in audited.facts { ShopDecider.evolve(&progress.state, with: fact) }
            audited.after = progress.state
        }
        return progress.book.follow(audited)
    }
}

extension OrderProperties {
    /// The property that no step of any history leads to a finding of this number.
    static func audit<Book: AuditBook>(
        _ number: String, _ sentence: String, by book: Book.Type,
        histories: Generator<ShopHistory> = ShopWorkload.histories
    ) -> OrderProperty {
        let audit = Audit(by: book)
        return OrderProperty(
            number,
            Property("\(number) \(sentence)", histories) { history in
                for finding in audit.findings(in: history) where finding.property == number {
                    throw LawBroken(finding.text, clause: number)
                }
            })
    }
}

/// What the state itself says about its soundness, sorted by number.
func violations(in state: Shop) -> [Finding] {
    state.violations().map { text in
        Finding(String(text.prefix { $0 != " " }), text)
    }
}
