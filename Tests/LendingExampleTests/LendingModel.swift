import DaybookTestKit
import Testing

/// The plainest lending desk: a table of who has what, no events.
struct LendingTable {
    var copies: [String: Int] = [:]
    var loans: [String: [String]] = [:]
    var waiting: [String: [String]] = [:]

    mutating func run(_ command: LendingCommand) -> LendingRejection? {
        switch command {
        case .addBook(let book, let count): copies[book, default: 0] += count
        case .borrow(let book, let reader): return borrow(book, reader)
        case .giveBack(let book, let reader):
            guard loans[book]?.contains(reader) ?? false else { return .notLentToReader }
            loans[book]?.removeAll { $0 == reader }
        case .reserve(let book, let reader):
            guard copies[book] != nil else { return .unknownBook }
            if !(waiting[book]?.contains(reader) ?? false) {
                waiting[book, default: []] += [reader]
            }
        }
        return nil
    }

    private mutating func borrow(_ book: String, _ reader: String) -> LendingRejection? {
        guard let count = copies[book] else { return .unknownBook }
        let readers = loans[book] ?? []
        if readers.contains(reader) { return .alreadyLentToReader }
        if readers.count >= count { return .noCopyLeft }
        if let first = waiting[book]?.first, first != reader { return .heldForAnother }
        if loans.values.count(where: { $0.contains(reader) }) >= 3 { return .tooManyLoans }
        loans[book] = readers + [reader]
        waiting[book]?.removeAll { $0 == reader }
        return nil
    }
}

/// The decider and the table agree after every step.
func agreement<Rule: LoanRule>(of workload: Workload<Lending<Rule>>) -> Property {
    Law.agreement(
        "lending", commands: lending(Rule.self).commandStreams,
        system: { workload.begin() }, model: { LendingTable() },
        run: { system, command -> LendingRejection? in
            workload.apply(command, to: &system.history, in: &system.context)
            guard case .failure(let reason)? = system.history.steps.last?.outcome else {
                return nil
            }
            return reason
        },
        expect: { model, command in model.run(command) },
        compare: { system, model in
            let library = system.history.state
            try requireEqual(library.copies, model.copies, "copies")
            for book in model.copies.keys.sorted() {
                let lent = library.loans.filter { $0.book == book }.map(\.reader)
                try requireEqual(lent, model.loans[book] ?? [], "who has \(book)")
                try requireEqual(
                    library.waiting[book] ?? [], model.waiting[book] ?? [], "who waits for \(book)")
            }
        })
}

@Suite struct `Lending, against a model` {
    @Test func `given sound rules, then every step agrees with the table`() throws {
        try agreement(of: lending()).check(quick)
    }

    @Test func `given one loan too many is allowed, then the first answer that differs is named`()
        throws
    {
        let options = PropertyOptions(cases: 2_000, seed: 1, corpus: nil)
        let example = try #require(
            agreement(of: lending(OffByOne.self)).run(options).counterexample)
        #expect(
            example.message.hasPrefix(
                "the answer to command 8, LendingCommand.borrow(\"book-d\", by: \"reader-a\"):"))
        #expect(example.message.contains("- LendingRejection.tooManyLoans"))
    }
}
