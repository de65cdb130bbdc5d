/// How far an import is.
struct ImportProgress: Hashable {
    enum Phase: String {
        case catalogue
        case stock
        case accounts
        case rows
    }

    var phase: Phase
    var done: Int
    var total: Int
}

/// Something that a person should look at; nothing of the file is lost by it.
struct ImportFinding: Hashable {
    var code: String
    var message: String
}

/// How an import ended.
struct ImportReport {
    /// What was recorded, counted again in the log; each row has one place. Of a stopped import it
    /// is what was asked for so far.
    var figures: ImportFigures
    /// Rejected rows by code, most first.
    var rejects: [RejectCollector.Tally]
    var findings: [ImportFinding]
    /// Requests that an earlier run had recorded already.
    var repeatedRequests: Int
    /// `false` when it was stopped; the same command goes on.
    var isComplete: Bool
    /// Rows whose place is recorded.
    var rowsDone: Int
}
