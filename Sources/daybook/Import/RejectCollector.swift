/// Gathers the rejected rows in the order of the input: counts them and writes them to the reject
/// file.
final class RejectCollector {
    /// How many rows were rejected for one reason.
    struct Tally: Hashable {
        var code: String
        var reason: String
        var count: Int
    }

    private struct Entry {
        var row: OrderHistory.Row
        var reason: String
        var code: String
    }

    static let malformedCode = "malformed_row"

    private let history: OrderHistory
    private let source: ImportSource?
    private let file: RejectFile?
    private var nextMalformedRow = 0
    private var tallies: [String: Tally] = [:]
    private(set) var count = 0

    /// - Parameters:
    ///   - source: where the rejected rows are read again; needed with a file.
    ///   - file: `nil` only counts.
    init(_ history: OrderHistory, source: ImportSource?, file: RejectFile?) {
        self.history = history
        self.source = source
        self.file = file
    }

    /// The rejected rows by code, most first.
    var summary: [Tally] {
        tallies.values.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    }

    /// Adds the rejects of adjacent invoices.
    ///
    /// - Parameters:
    ///   - plans: their plans.
    ///   - refusals: by invoice index, what the domain said to the whole of a plan.
    func add(
        _ plans: [InvoicePlan], refusals: [Int: (code: String, message: String)]
    ) throws(ImportFileError) {
        for plan in plans {
            var entries = plan.rejects.map { reject in
                Entry(
                    row: history.rows[reject.row], reason: reject.reason.text,
                    code: reject.reason.code)
            }
            if let refusal = refusals[plan.invoice] {
                entries += plan.acceptedRows.map { row in
                    Entry(row: history.rows[row], reason: refusal.message, code: refusal.code)
                }
                entries.sort { $0.row.number < $1.row.number }
            }
            for entry in entries {
                try addMalformedRows(before: entry.row.number)
                try write(
                    entry.row.number, entry.row.byteOffset, entry.row.byteCount,
                    reason: entry.reason, code: entry.code)
            }
        }
        try file?.flush()
    }

    /// Adds the malformed rows that are left; after the last invoice.
    func finish() throws(ImportFileError) {
        try addMalformedRows(before: .max)
        try file?.flush()
    }

    private func addMalformedRows(before rowNumber: Int) throws(ImportFileError) {
        while nextMalformedRow < history.malformedRows.count {
            let row = history.malformedRows[nextMalformedRow]
            guard row.number < rowNumber else { return }
            nextMalformedRow += 1
            try write(
                row.number, row.byteOffset, row.byteCount, reason: row.text,
                code: RejectCollector.malformedCode)
        }
    }

    private func write(
        _ number: Int, _ byteOffset: Int, _ byteCount: Int, reason: String, code: String
    ) throws(ImportFileError) {
        count += 1
        tallies[code, default: Tally(code: code, reason: reason, count: 0)].count += 1
        guard let file, let source else { return }
        try file.add(
            row: number, reason: reason, code: code,
            original: source.bytes(at: byteOffset, count: byteCount),
            isMalformed: code == RejectCollector.malformedCode)
    }
}
