import DaybookTestKit

/// Few books and few readers, so that they get into each other's way.
func lending<Rule: LoanRule>(_ rule: Rule.Type = ThreeLoans.self) -> Workload<Lending<Rule>> {
    let book = Generator<String>.name("book", among: 4)
    let reader = Generator<String>.name("reader", among: 3)
    return Workload(
        Lending<Rule>.self,
        commands: { _ in
            .weighted([
                (
                    2,
                    combine(book, .integer(in: 1...3)).map {
                        LendingCommand.addBook($0, copies: $1)
                    }
                ),
                (5, combine(book, reader).map { .borrow($0, by: $1) }),
                (2, combine(book, reader).map { .giveBack($0, by: $1) }),
                (1, combine(book, reader).map { .reserve($0, by: $1) }),
            ])
        },
        context: { Desk() },
        pass: { desk, choices in desk.day += try choices.below(40, .small) })
}

/// Fixed, so that every run is the same, and without files: nothing here is expected to fail by chance.
let quick = PropertyOptions(cases: 150, seed: 2026, corpus: nil)
