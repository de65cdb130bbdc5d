import DaybookCore
import DaybookDecisions

/// Plays an order history into a daybook: the second pass.
///
/// Everything it does follows from the history and from what the daybook answers, and each request
/// has its own idempotency key: a run that was stopped or killed is repeated as it is, finds what
/// is recorded and goes on behind it.
struct OrderHistoryImporter<Target: ImportTarget> {
    let history: OrderHistory
    let forecast: ImportForecast
    let requests: ImportRequests
    let target: Target
    let marker: ImportMarker
    let rejects: RejectCollector
    /// Told between requests.
    let progress: (ImportProgress) -> Void
    /// Asked between waves; a stopped import leaves no wave half done.
    let isStopRequested: () -> Bool

    /// Requests of the set-up that are recorded together.
    static var chunkSize: Int { 1_024 }

    /// By customer index; `nil` where the account could not be made.
    var users: [UserID?] = []
    /// By invoice index.
    var orders: [Int: ImportRecord.Order] = [:]
    /// Orders of the wave before that are still to be sent.
    var unsent: [Int] = []
    /// By product index, as decided in the set-up.
    var openingUnits: [Int64] = []
    var scope: ImportScope
    var findings: [ImportFinding] = []
    /// Products and accounts that were there before under other keys.
    var foundProducts = 0
    var foundUsers = 0
    var repeatedRequests = 0
    var rowsDone = 0
    /// What the accepted plans come to.
    var accepted = ImportFigures()

    init(
        _ history: OrderHistory, forecast: ImportForecast, currency: Currency, into target: Target,
        marker: ImportMarker, rejects: RejectCollector,
        progress: @escaping (ImportProgress) -> Void = { _ in },
        isStopRequested: @escaping () -> Bool = { false }
    ) {
        self.history = history
        scope = ImportScope(
            invoiceKeys: [], productKeys: [], userKeys: [], stockKeys: [],
            goods: history.products.filter(\.isStocked).map(\.code))
        self.forecast = forecast
        requests = ImportRequests(history: history, currency: currency)
        self.target = target
        self.marker = marker
        self.rejects = rejects
        self.progress = progress
        self.isStopRequested = isStopRequested
    }

    /// Imports until the end of the history or until it is told to stop.
    ///
    /// - Throws: what the daybook throws when it cannot go on; the same import goes on later.
    mutating func run() async throws -> ImportReport {
        var isComplete = try await setUp()
        if isComplete { isComplete = try await importInvoices() }
        var figures = accepted
        if isComplete {
            let count = try await target.count(scope)
            figures = self.figures(from: count)
            compare(figures, count)
        }
        return ImportReport(
            figures: figures, rejects: rejects.summary, findings: findings,
            repeatedRequests: repeatedRequests, isComplete: isComplete, rowsDone: rowsDone)
    }

    /// Records requests and tells what was there already.
    mutating func record(_ asked: [ImportRequest]) async throws -> [ImportOutcome] {
        guard !asked.isEmpty else { return [] }
        let outcomes = try await target.record(asked)
        precondition(outcomes.count == asked.count, "ImportTarget: one outcome per request")
        for case .recorded(let record) in outcomes where record.isRepeat { repeatedRequests += 1 }
        return outcomes
    }

    mutating func find(_ code: String, _ message: String) {
        findings.append(ImportFinding(code: code, message: message))
    }

    // MARK: The reconciliation

    /// What the log says was recorded.
    private func figures(from count: ImportCount) -> ImportFigures {
        var figures = ImportFigures()
        figures.rows = Int64(history.rowCount)
        figures.orders = count.orders
        figures.orderLines = count.orderLines
        figures.units = count.units
        figures.netPence = count.netPence
        // One row may come back to several orders: only the import knows how many rows they were.
        figures.returnLines = accepted.returnLines
        figures.returnedUnits = count.returnedUnits
        figures.refundedPence = count.refundedPence
        figures.adjustments = count.adjustments
        figures.adjustedUnits = count.adjustedUnits
        figures.rejects = Int64(rejects.count)
        figures.users = count.users + Int64(foundUsers)
        figures.products = count.products + Int64(foundProducts)
        figures.openingUnits = count.openingUnits
        figures.finalUnits = count.finalUnits
        return figures
    }

    /// Holds what was recorded against what was asked for, and finds every difference.
    private mutating func compare(_ figures: ImportFigures, _ count: ImportCount) {
        if !figures.isBalanced {
            find("rows_lost", "the rows do not add up: \(figures.rows) were read")
        }
        var expected = accepted
        expected.rows = figures.rows
        expected.rejects = figures.rejects
        expected.users = forecast.figures.users
        expected.products = forecast.figures.products
        expected.openingUnits = openingUnits.reduce(0, +)
        // Goods that were there before the import make no difference to it, but to this figure.
        expected.finalUnits = figures.finalUnits
        for (want, have) in zip(expected.named, figures.named) where want.value != have.value {
            find(
                "reconciliation_mismatch",
                "\(want.name): \(want.value) were asked for, the log holds \(have.value)")
        }
        if count.openRefunds > 0 {
            find("refunds_open", "\(count.openRefunds) refunds are not confirmed by the bank")
        }
        // Behind a file with the same invoices, what is left is not this file's alone.
        let isAlone = openingUnits == forecast.openingUnits
        let isUntouched =
            isAlone && foundProducts == 0 && rejects.count == Int(forecast.figures.rejects)
        if isUntouched, figures.finalUnits != forecast.figures.finalUnits {
            find(
                "stock_differs",
                "final_units: \(forecast.figures.finalUnits) by the file, \(figures.finalUnits) in "
                    + "the inventory read model; expected only where the store had stock before")
        }
    }
}
