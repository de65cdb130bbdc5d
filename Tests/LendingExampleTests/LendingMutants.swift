import DaybookTestKit
import Testing

/// Ten small mistakes in the rules of lending: each is found by comparing with the table, and is shrunk
/// to the commands that it needs, from whatever seed.
enum LendingMutant: String, CaseIterable {
    case oneCopyTooMany, oneLoanTooMany, limitCountsAllReaders, strangersGiveBack
    case givingBackEndsAllLoans, newCopiesReplaceOld, borrowerKeepsWaiting, reservedTwice
    case nobodyIsHeldFor, lastInLineIsFirst

    typealias Sound = Lending<ThreeLoans>

    /// The fewest commands that show the mistake.
    var commandCount: Int {
        switch self {
        case .strangersGiveBack: 1
        case .newCopiesReplaceOld: 2
        case .oneCopyTooMany, .limitCountsAllReaders, .borrowerKeepsWaiting, .reservedTwice,
            .nobodyIsHeldFor, .lastInLineIsFirst:
            3
        case .givingBackEndsAllLoans: 4
        case .oneLoanTooMany: 8
        }
    }

    var workload: Workload<Sound> {
        var workload = lending()
        switch self {
        case .givingBackEndsAllLoans, .newCopiesReplaceOld, .borrowerKeepsWaiting,
            .lastInLineIsFirst:
            workload.evolve = evolve
        default: workload.decide = decide
        }
        return workload
    }

    private func evolve(_ library: inout Library, _ event: LendingEvent) {
        let before = library
        Sound.evolve(&library, with: event)
        switch (self, event) {
        case (.givingBackEndsAllLoans, .givenBack(let book, _, _)):
            library.loans.removeAll { $0.book == book }
        case (.newCopiesReplaceOld, .bookAdded(let book, let copies)):
            library.copies[book] = copies
        case (.borrowerKeepsWaiting, .borrowed(let book, _, _)):
            library.waiting[book] = before.waiting[book]
        case (.lastInLineIsFirst, .reserved(let book, let reader)):
            library.waiting[book] = [reader] + before.waiting[book, default: []]
        default: break
        }
    }

    private func decide(
        _ command: LendingCommand, _ library: Library, _ desk: inout Desk
    ) throws(LendingRejection) -> [LendingEvent] {
        var seen = library
        switch (self, command) {
        case (.oneCopyTooMany, .borrow(let book, _)):
            if let copies = library.copies[book] { seen.copies[book] = copies + 1 }
        case (.oneLoanTooMany, .borrow):
            return try Lending<OffByOne>.decide(command, given: library, in: &desk)
        case (.limitCountsAllReaders, .borrow):
            if library.loans.count >= 1 { throw .tooManyLoans }
        case (.strangersGiveBack, .giveBack(let book, let reader)):
            return [.givenBack(book, by: reader, next: nil)]
        case (.reservedTwice, .reserve(let book, let reader)):
            if library.copies[book] != nil { return [.reserved(book, by: reader)] }
        case (.nobodyIsHeldFor, .borrow): seen.waiting = [:]
        default: break
        }
        return try Sound.decide(command, given: seen, in: &desk)
    }
}

@Suite struct `Mutants of lending` {
    @Test(arguments: LendingMutant.allCases)
    func `given a planted mistake, then it is found and shrunk to what it needs`(
        mutant: LendingMutant
    ) throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let property = agreement(of: mutant.workload)
            let report = property.run(PropertyOptions(cases: 3_000, seed: seed, corpus: nil))
            let example = try #require(report.counterexample, "\(mutant): \(report)")
            let count = example.source.split(separator: "LendingCommand.").count - 1
            #expect(count == mutant.commandCount, "\(mutant): \(report)")
            #expect(example.shrinkRuns < 4_000, "\(mutant): \(report)")
        }
    }
}
