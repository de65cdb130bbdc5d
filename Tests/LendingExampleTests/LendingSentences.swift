import DaybookCore
import DaybookLog
import DaybookTestKit
import Testing
import XCTest

private typealias Sound = Lending<ThreeLoans>

@Suite struct `Lending, in sentences` {
    private let dune = LendingEvent.bookAdded("dune", copies: 1)

    @Test func `given a book, when it is borrowed, then it is due in four weeks`() throws {
        try given(Sound.self, dune).when(.borrow("dune", by: "ann"), in: Desk(day: 3))
            .then(.borrowed("dune", by: "ann", dueDay: 31))
    }

    @Test func `given the only copy is lent, when it is wanted, then there is none left`() throws {
        try given(Sound.self, dune, .borrowed("dune", by: "ann", dueDay: 29))
            .when(.borrow("dune", by: "bob"), in: Desk()).thenRejected(.noCopyLeft)
    }

    @Test func `given a reservation, when it is made again, then nothing happens`() throws {
        try given(Sound.self, dune, .reserved("dune", by: "ann"))
            .when(.reserve("dune", by: "ann"), in: Desk()).thenNothing()
    }

    @Test func `given loans, then the table says who has what`() throws {
        try given(LentBooks.self, dune, .borrowed("dune", by: "ann", dueDay: 29)).then(
            """
            book | free | lent to
            -----+------+--------
            dune | 0    | ann
            """)
    }

    @Test func `given a book comes back, then who waits for it is told`() throws {
        try given(LendingEvent.givenBack("dune", by: "ann", next: "bob"))
            .then(.tell("bob", about: "dune"), by: WaitingListPolicy())
        try given(LendingEvent.givenBack("dune", by: "ann", next: nil))
            .thenNothing(by: WaitingListPolicy())
    }

    @Test func `given a sentence that is wrong, then it shows where, line by line`() {
        let error = #expect(throws: RequirementFailure.self) {
            try given(Sound.self, dune).when(.borrow("dune", by: "ann"), in: Desk())
                .then(.borrowed("dune", by: "bob", dueDay: 29), .reserved("dune", by: "bob"))
        }
        #expect(
            error?.message == """
                when LendingCommand.borrow("dune", by: "ann")
                  - expected   + actual
                  - LendingEvent.borrowed("dune", by: "bob", dueDay: 29)
                  - LendingEvent.reserved("dune", by: "bob")
                  + LendingEvent.borrowed("dune", by: "ann", dueDay: 29)
                """)
        #expect(error?.file == "LendingExampleTests/LendingSentences.swift")
        let rejected = #expect(throws: RequirementFailure.self) {
            try given(Sound.self).when(.borrow("dune", by: "ann"), in: Desk())
                .thenRejected(.noCopyLeft)
        }
        #expect(rejected?.message.contains("+ rejected: LendingRejection.unknownBook") == true)
    }

    @Test func `given wrong rows, then the rows that differ are shown`() {
        let error = #expect(throws: RequirementFailure.self) {
            try given(LentBooks.self, dune).then(
                """
                book | free | lent to
                -----+------+--------
                dune | 0    | ann
                """)
        }
        #expect(
            error?.message == """
                the rows differ
                  - expected   + actual
                    book | free | lent to
                    -----+------+--------
                  - dune | 0    | ann
                  + dune | 1    |
                """)
    }

    @Test func `given the bytes of a log, then checking them tells what is there`() throws {
        let metadata = BatchMetadata(
            recordedAt: Instant(microseconds: 0), actor: .system, command: "AddBook")
        let event = ProposedEvent(
            type: "BookAdded", tags: [Tag(label: "book", text: "dune")], payload: [1])
        var files = try logFiles(of: [ProposedBatch(metadata: metadata, events: [event])])
        try given(log: files).thenReport { try require($0.isSound && $0.eventCount == 1) }
        try given(log: files).thenEvents { try requireEqual($0.map(\.payload), [[1]]) }
        let name = try #require(files.keys.sorted().first { $0.hasSuffix(".seg") || $0 != "MARK" })
        files[name]?[200] ^= 1
        try given(log: files).thenReport { try require(!$0.isSound, "the flip is not noticed") }
        #expect(throws: RequirementFailure.self) { try given(log: files).then("OK") }
    }
}

/// The same kit in XCTest: a test method that throws fails.
final class LendingInXCTest: XCTestCase {
    func testGivenABookWhenItIsBorrowedThenItIsLent() throws {
        try given(Sound.self, .bookAdded("dune", copies: 1))
            .when(.borrow("dune", by: "ann"), in: Desk())
            .then(.borrowed("dune", by: "ann", dueDay: 29))
    }

    func testNoReaderHasMoreThanThreeBooks() throws {
        let report = try Law.everyPrefix(of: lending(), keeps: loanInvariants).check(quick)
        XCTAssertEqual(report.cases, 150)
        XCTAssertThrowsError(
            try Law.everyPrefix(of: lending(OffByOne.self), keeps: loanInvariants)
                .check(PropertyOptions(cases: 2_000, seed: 1, corpus: nil)))
    }
}
