internal import DaybookDecisions

/// A word that is stored as a small number; the views show it as the word.
///
/// The numbers are places in a list. They stand in the views' text and so in the hash of the schema: with
/// another list a file is built anew.
protocol StoredWord: Equatable, Sendable {
    /// All words; the place of each is its number. SQLite stores 0 and 1 without a byte.
    static var stored: [Self] { get }
    var name: String { get }
}

extension StoredWord {
    var code: Int64 { Int64(Self.stored.firstIndex(of: self) ?? Self.stored.count) }

    /// - Returns: `nil` when no word has the number.
    init?(code: Int64) {
        guard Self.stored.indices.contains(Int(truncatingIfNeeded: code)) else { return nil }
        self = Self.stored[Int(truncatingIfNeeded: code)]
    }

    static var names: [String] { stored.map(\.name) }
}

extension OrderStatus: StoredWord {
    static let stored = allCases

    /// Whether an order is still going on, in SQL.
    ///
    /// Not `IN`: with more than two numbers SQLite makes a table of them, two pages that are zeroed first,
    /// for each row that is written and for each question.
    static let isActive: String = {
        let active: [OrderStatus] = [.pending, .processing, .shipped]
        return "(" + active.map { "status = \($0.code)" }.joined(separator: " OR ") + ")"
    }()
}

extension PaymentState: StoredWord {
    /// Most orders are paid, or wait for it.
    static let stored = [captured, pending] + allCases.filter { $0 != .captured && $0 != .pending }
}
extension FulfilmentState: StoredWord { static let stored = allCases }
extension Closure: StoredWord { static let stored = allCases }
extension Rounding: StoredWord { static let stored = allCases }
extension CaptureMode: StoredWord { static let stored = allCases }
extension OrderOrigin: StoredWord { static let stored = allCases }
extension MailTemplate: StoredWord { static let stored = allCases }

extension RowStatement {
    func bind(_ word: some StoredWord) { bind(word.code) }

    func bind(_ word: (some StoredWord)?) {
        if let word { bind(word.code) } else { bindNull() }
    }

    /// - Returns: `nil` when no word has the number.
    func word<Word: StoredWord>(_ column: Int32, _: Word.Type = Word.self) -> Word? {
        Word(code: integer(column))
    }

    /// The name of a word; nothing when no word has the number.
    func name<Word: StoredWord>(_ column: Int32, of _: Word.Type) -> String {
        Word(code: integer(column))?.name ?? ""
    }
}

extension ColumnDefinition {
    /// What a view shows of a stored column: the word for its number, or the column as it is.
    var shown: String {
        guard case .word(let names) = kind else { return name }
        let cases = names.enumerated().map { " WHEN \($0) THEN '\($1)'" }.joined()
        return "CASE \(name)\(cases) END"
    }
}
