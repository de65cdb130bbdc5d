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

/// Goes through a history command by command, the opening included.
enum Audit {
    static func run<Book: AuditBook>(_ history: ShopHistory, by _: Book.Type) -> [Finding] {
        var book = Book()
        var state = ShopDecider.initial
        var count = 0
        for step in history.steps {
            var audited = AuditStep(
                command: step.command, context: step.context, rejection: nil, facts: [],
                before: state, after: state)
            switch step.outcome {
            case .failure(let rejection): audited.rejection = rejection
            case .success(let events):
                audited.facts = history.facts[count..<count + events.count]
                count += events.count
                for fact in audited.facts { ShopDecider.evolve(&state, with: fact) }
                audited.after = state
            }
            let findings = book.follow(audited)
            if !findings.isEmpty { return findings }
        }
        return []
    }

    /// The property that no step of any history leads to a finding of this number.
    static func property<Book: AuditBook>(
        _ number: String, _ sentence: String, by book: Book.Type,
        histories: Generator<ShopHistory> = ShopWorkload.histories
    ) -> OrderProperty {
        OrderProperty(
            number,
            Property("\(number) \(sentence)", histories) { history in
                for finding in run(history, by: book) where finding.property == number {
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
