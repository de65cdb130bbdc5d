import DaybookCore
import DaybookTestKit
import Testing

let loanInvariants = [
    Invariant<Library>("no reader has more than three books") { library in
        Set(library.loans.map(\.reader)).allSatisfy { library.loans(of: $0) <= 3 }
    },
    Invariant<Library>("no more copies are lent than there are") { library in
        library.copies.keys.allSatisfy { library.free($0) >= 0 }
    },
]

@Suite struct `Laws of lending` {
    private let sound = lending()
    private var facts: Generator<[LendingEvent]> { sound.histories.map(\.facts) }

    @Test func `given sound rules, then every prefix keeps the invariants`() throws {
        let report = try Law.everyPrefix(of: sound, keeps: loanInvariants).check(quick)
        #expect(report.labels["with rejected commands", default: 0] > 75)
        try Law.everyDecision(of: sound, keeps: loanInvariants).check(quick)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `given one loan too many is allowed, then the smallest history shows it`(seed: UInt64)
        throws
    {
        let options = PropertyOptions(cases: 2_000, seed: seed, corpus: nil)
        let report = Law.everyPrefix(of: lending(OffByOne.self), keeps: loanInvariants).run(options)
        let example = try #require(report.counterexample)
        // Four books have to be there before the fourth can be lent.
        #expect(example.eventCount == 8)
        #expect(example.shrinkRuns < 2_500)
        #expect(
            example.source.contains(
                "LendingEvent.borrowed(\"book-a\", by: \"reader-a\", dueDay: 29)")
        )
        #expect(!example.source.contains("reader-b"))
        #expect(!example.source.contains("copies: 2"))
    }

    @Test func `given a sound decider, then its folds, snapshots and decisions keep the laws`()
        throws
    {
        try Law.foldIsDeterministic(sound).check(quick)
        try Law.decidesFromStateOnly(sound).check(quick)
        try Law.snapshotAndTailEqualReplay(
            sound, write: SnapshotText.write, read: SnapshotText.read
        ).check(quick)
    }

    @Test func `given a sound projector, then rows do not depend on delivery`() throws {
        try Law.redeliveryChangesNothing(LentBooks.self, facts: facts).check(quick)
        try Law.rebuiltEqualsIncremental(LentBooks.self, facts: facts).check(quick)
        try Law.rows(LentBooks.self, facts: facts) { facts in
            let library = lending().fold(facts)
            let rows = library.copies.keys.sorted().map { book in
                let readers = library.loans.filter { $0.book == book }.map(\.reader).sorted()
                return [book, String(library.free(book)), readers.joined(separator: ", ")]
            }
            return [RowTable(columns: ["book", "free", "lent to"], rows: rows)]
        }.check(quick)
    }

    @Test func `given events of two versions, then lifting them changes no fold`() throws {
        try upcasting(DueDayUpcaster()).check(quick)
    }

    @Test func `given a desk that remembers keys, then a repeated key has no second effect`() throws
    {
        try keyed(remembers: true).check(quick)
    }

    // MARK: Mistakes that the laws find

    private func smallest(_ property: Property) throws -> Counterexample {
        let report = property.run(PropertyOptions(cases: 2_000, seed: 1, corpus: nil))
        return try #require(report.counterexample, "\(report)")
    }

    @Test func `given a fold that counts its calls, then it is not deterministic`() throws {
        var calls = 0
        var flawed = sound
        flawed.evolve = { state, fact in
            calls += 1
            if case .bookAdded(let book, _) = fact { state.copies[book] = calls }
        }
        #expect(try smallest(Law.foldIsDeterministic(flawed)).eventCount == 1)
    }

    @Test func `given a decision that depends on earlier ones, then it is found`() throws {
        var decided = 0
        var flawed = sound
        flawed.decide = { (command, state, desk) throws(LendingRejection) in
            decided += 1
            guard decided % 7 != 0 else { throw .unknownBook }
            return try Lending<ThreeLoans>.decide(command, given: state, in: &desk)
        }
        let report = Law.decidesFromStateOnly(flawed).run(quick)
        #expect(report.verdict == .failed)
    }

    @Test func `given a snapshot that forgets who waits, then one reservation shows it`() throws {
        let property = Law.snapshotAndTailEqualReplay(
            sound, write: SnapshotText.write,
            read: { bytes in
                var library = try SnapshotText.read(bytes)
                library.waiting = [:]
                return library
            })
        #expect(try smallest(property).eventCount == 2)
    }

    @Test func `given a projector that counts twice, then one event delivered twice shows it`()
        throws
    {
        let property = Law.redeliveryChangesNothing(ForgetfulRows.self, facts: facts)
        #expect(try smallest(property).eventCount == 1)
    }

    @Test func `given rows that depend on the run, then two events show it`() throws {
        let property = Law.rebuiltEqualsIncremental(FirstOfRunRows.self, facts: facts)
        #expect(try smallest(property).eventCount == 2)
    }

    @Test func `given an upcaster that is a day off, then one loan shows it`() throws {
        #expect(try smallest(upcasting(OneDayOff())).eventCount == 2)
    }

    @Test func `given a desk that forgets keys, then the smallest second effect shows it`() throws {
        let example = try smallest(keyed(remembers: false))
        #expect(
            example.source == """
                [
                    ("key-1", LendingCommand.borrow("book-a", by: "reader-a")),
                    ("key-2", LendingCommand.addBook("book-a", copies: 1)),
                    ("key-1", LendingCommand.borrow("book-a", by: "reader-a")) /* again */
                ]
                """)
    }

    private func upcasting(_ upcaster: any Upcaster) -> Property {
        Law.upcastThenFoldEqualsFold(
            sound, upcasters: [upcaster],
            store: { event, choices in
                var stored = LendingFormat.store(event)
                // The old program could only say what was due on day 29.
                if case .borrowed(let book, let reader, 29) = event,
                    try choices.happens(1, in: 2)
                {
                    stored.schemaVersion = 1
                    stored.payload = Array("\(book)|\(reader)".utf8)
                }
                return stored
            }, read: LendingFormat.read)
    }

    private func keyed(remembers: Bool) -> Property {
        Law.repeatedKeyHasNoSecondEffect(
            "lending", commands: sound.commandStreams,
            system: { LendingDesk(remembers: remembers) },
            send: { desk, command, key in desk.send(command, key: key) },
            observe: { $0.library })
    }
}
