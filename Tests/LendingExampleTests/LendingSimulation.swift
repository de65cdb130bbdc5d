import DaybookCore
import DaybookTestKit
import Testing

/// How lending is stored: the format of ``LendingFormat`` with tags.
enum LendingStorage {
    static func write(_ event: LendingEvent) -> ProposedEvent {
        let stored = LendingFormat.store(event)
        return ProposedEvent(
            type: stored.type, schemaVersion: stored.schemaVersion, tags: [],
            payload: stored.payload)
    }

    static func read(_ event: RecordedEvent, _ metadata: BatchMetadata) throws -> LendingEvent {
        try LendingFormat.read(
            StoredEvent(
                type: event.type, schemaVersion: event.schemaVersion, payload: event.payload))
    }
}

@Suite struct `Lending, simulated` {
    private let options = PropertyOptions(cases: 60, seed: 4, corpus: nil)

    private func store<P: RowProjector>(_ projector: P.Type) -> SimulatedStore<
        Lending<ThreeLoans>, P
    > where P.Fact == LendingEvent {
        var store = SimulatedStore(
            lending(), projector: projector, write: LendingStorage.write, read: LendingStorage.read)
        // Who waits for a book comes for it once it is back, perhaps more than once.
        store.answers = { event in
            guard case .givenBack(let book, _, let next?) = event else { return [] }
            return [.borrow(book, by: next)]
        }
        return store
    }

    @Test func `given kills, power cuts and failed syncs, then lending survives`() throws {
        try store(LentBooks.self).survives(keeping: loanInvariants).check(options)
    }

    @Test func `given a disk that lies, then what is left is sound still`() throws {
        var store = store(LentBooks.self)
        store.faults.lostSyncs = 10
        store.faults.powerCuts = 20
        try store.survives(keeping: loanInvariants).check(options)
    }

    @Test func `given the same seed, then the same things happen`() throws {
        func story() throws -> String {
            let property = store(ForgetfulRows.self).survives()
            return try #require(property.run(options).counterexample).source
        }
        #expect(try story() == story())
    }

    @Test func `given a projector that counts again what comes again, then a restart shows it`()
        throws
    {
        let report = store(ForgetfulRows.self).survives().run(options)
        let example = try #require(report.counterexample, "\(report)")
        #expect(example.message.hasPrefix("rows: from checkpoint 1 on, 1 events again"))
        #expect(example.eventCount == 1)
        let story = example.source.split(separator: "\n")
        #expect(story.first == #"// LendingCommand.addBook("book-a", copies: 1) // 1 events"#)
        #expect(story.count <= 4, "\(report)")
    }

    @Test func `given events that are read back wrong, then the state differs after a restart`()
        throws
    {
        let flawed = SimulatedStore(
            lending(), projector: LentBooks.self, write: LendingStorage.write,
            read: { event, metadata in
                let fact = try LendingStorage.read(event, metadata)
                guard case .borrowed(let book, let reader, let day) = fact, day > 29 else {
                    return fact
                }
                return .borrowed(book, by: reader, dueDay: 29)
            })
        let report = flawed.survives().run(options)
        let example = try #require(report.counterexample, "\(report)")
        #expect(example.message.hasPrefix("state: what was read folds to another state"))
        #expect(example.eventCount == 2)
    }

    @Test func `given the rule is broken, then the invariant is named`() throws {
        var greedy = lending(OffByOne.self)
        greedy.length = 0...24
        let book = Generator<String>.name("book", among: 4)
        greedy.commands = { _ in
            .oneOf(
                book.map { .addBook($0, copies: 1) }, book.map { .borrow($0, by: "reader-a") })
        }
        let flawed = SimulatedStore(
            greedy, projector: LentBooks.self, write: LendingStorage.write,
            read: LendingStorage.read)
        let report = flawed.survives(keeping: loanInvariants).run(options)
        let example = try #require(report.counterexample, "\(report)")
        #expect(example.message.hasPrefix("invariant: no reader has more than three books"))
        #expect(example.eventCount == 8)
        #expect(example.shrinkRuns < 2_500)
    }

    @Test func `given an answer that comes twice, then a desk that lends twice for it is found`()
        throws
    {
        var careless = lending()
        careless.opening = [
            .addBook("dune", copies: 3), .borrow("dune", by: "ann"),
        ]
        // Nobody borrows but who waited and was told.
        careless.commands = { _ in
            .oneOf([.reserve("dune", by: "bob"), .giveBack("dune", by: "ann")])
        }
        careless.decide = { (command, library, desk) throws(LendingRejection) in
            if case .borrow(let book, let reader) = command {
                return [.borrowed(book, by: reader, dueDay: desk.day + 28)]
            }
            return try Lending<ThreeLoans>.decide(command, given: library, in: &desk)
        }
        var store = SimulatedStore(
            careless, projector: LentBooks.self, write: LendingStorage.write,
            read: LendingStorage.read)
        store.answers = { event in
            guard case .givenBack(let book, _, let next?) = event else { return [] }
            return [.borrow(book, by: next)]
        }
        let once = Invariant<Library>("nobody has two copies of one book") { library in
            Set(library.loans.map { "\($0.book) \($0.reader)" }).count == library.loans.count
        }
        let report = store.survives(keeping: [once]).run(options)
        let example = try #require(report.counterexample, "\(report)")
        #expect(example.message.hasPrefix("invariant: nobody has two copies of one book"))
        #expect(example.eventCount == 4)
        #expect(example.source.contains("a message is delivered and will come again"))
    }
}
