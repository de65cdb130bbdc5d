import DaybookCore

/// A library that lends books: a second domain, to show that the test kit knows nothing of orders.
enum LendingCommand: Hashable, Sendable {
    case addBook(String, copies: Int)
    case borrow(String, by: String)
    case giveBack(String, by: String)
    case reserve(String, by: String)
}

enum LendingEvent: Hashable, Sendable {
    case bookAdded(String, copies: Int)
    case borrowed(String, by: String, dueDay: Int)
    /// `next` is who waits longest for the book.
    case givenBack(String, by: String, next: String?)
    case reserved(String, by: String)
}

enum LendingRejection: Error, Hashable, Sendable {
    case unknownBook
    case noCopyLeft
    case heldForAnother
    case tooManyLoans
    case alreadyLentToReader
    case notLentToReader
}

struct Loan: Hashable, Sendable {
    var book: String
    var reader: String
    var dueDay: Int
}

struct Library: Hashable, Sendable {
    var copies: [String: Int] = [:]
    var loans: [Loan] = []
    /// Who waits for a book, the longest first.
    var waiting: [String: [String]] = [:]

    func loans(of reader: String) -> Int { loans.count { $0.reader == reader } }
    func lent(_ book: String) -> Int { loans.count { $0.book == book } }
    func free(_ book: String) -> Int { copies[book, default: 0] - lent(book) }
}

/// The desk at which a command is decided.
struct Desk: Hashable, Sendable {
    var day = 1
}

/// How many books a reader may have: a parameter, so that a wrong rule can be planted.
protocol LoanRule {
    static func allowsOneMore(after loans: Int) -> Bool
}

enum ThreeLoans: LoanRule {
    static func allowsOneMore(after loans: Int) -> Bool { loans < 3 }
}

/// The planted mistake: one too many.
enum OffByOne: LoanRule {
    static func allowsOneMore(after loans: Int) -> Bool { loans <= 3 }
}

enum Lending<Rule: LoanRule>: Decider {
    static var initial: Library { Library() }

    static func evolve(_ state: inout Library, with fact: LendingEvent) {
        switch fact {
        case .bookAdded(let book, let copies): state.copies[book, default: 0] += copies
        case .borrowed(let book, let reader, let dueDay):
            state.loans.append(Loan(book: book, reader: reader, dueDay: dueDay))
            state.waiting[book]?.removeAll { $0 == reader }
            if state.waiting[book]?.isEmpty ?? false { state.waiting[book] = nil }
        case .givenBack(let book, let reader, _):
            state.loans.removeAll { $0.book == book && $0.reader == reader }
        case .reserved(let book, let reader): state.waiting[book, default: []].append(reader)
        }
    }

    static func decide(
        _ command: LendingCommand, given state: Library, in context: inout Desk
    ) throws(LendingRejection) -> [LendingEvent] {
        switch command {
        case .addBook(let book, let copies): return [.bookAdded(book, copies: copies)]
        case .borrow(let book, let reader): return try lend(book, to: reader, state, context)
        case .giveBack(let book, let reader):
            guard state.loans.contains(where: { $0.book == book && $0.reader == reader }) else {
                throw .notLentToReader
            }
            return [.givenBack(book, by: reader, next: state.waiting[book]?.first)]
        case .reserve(let book, let reader):
            guard state.copies[book] != nil else { throw .unknownBook }
            guard !(state.waiting[book]?.contains(reader) ?? false) else { return [] }
            return [.reserved(book, by: reader)]
        }
    }

    private static func lend(
        _ book: String, to reader: String, _ state: Library, _ context: Desk
    ) throws(LendingRejection) -> [LendingEvent] {
        guard state.copies[book] != nil else { throw .unknownBook }
        guard !state.loans.contains(where: { $0.book == book && $0.reader == reader }) else {
            throw .alreadyLentToReader
        }
        guard state.free(book) > 0 else { throw .noCopyLeft }
        let first = state.waiting[book]?.first
        guard first == nil || first == reader else { throw .heldForAnother }
        guard Rule.allowsOneMore(after: state.loans(of: reader)) else { throw .tooManyLoans }
        return [.borrowed(book, by: reader, dueDay: context.day + 28)]
    }
}

/// Who is told that a book waits for them.
struct WaitingListPolicy: Policy {
    enum Intent: Hashable { case tell(String, about: String) }

    func intents(after event: LendingEvent) -> [Intent] {
        guard case .givenBack(let book, _, let next?) = event else { return [] }
        return [.tell(next, about: book)]
    }
}
