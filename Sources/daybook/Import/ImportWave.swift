/// Invoices that are recorded together before their payments are made.
///
/// A wave ends where its size says so, or before a credit note that returns units of an order in
/// it: units must be paid for and shipped before they can come back. Where waves end depends on the
/// history and on what was refused, never on time or on how often the import was interrupted; so an
/// import that was killed and resumed records the same events in the same order as one that ran
/// through.
struct ImportWave {
    /// From 1; wave 0 is the catalogue, the opening stock and the accounts.
    var number: Int
    var plans: [InvoicePlan]

    /// Enough to share one `fdatasync` widely, few enough to stop soon after Ctrl-C.
    static let invoiceLimit = 256
    /// A wave is held in memory as commands, events and results.
    static let lineLimit = 8_192
}

/// Cuts a history into waves.
struct ImportWaveBuilder {
    private let history: OrderHistory
    /// The plans as long as nothing was refused.
    private let foreseen: [InvoicePlan]
    /// Plans from the first refusal on.
    private var planner: InvoicePlanner?
    private var nextInvoice = 0
    private var waveNumber = 0

    /// Whether every invoice has been in a wave.
    var isAtEnd: Bool { nextInvoice == history.invoices.count }

    /// - Parameter plans: what ``ImportForecast`` made of the same history.
    init(_ history: OrderHistory, plans: [InvoicePlan]) {
        precondition(plans.count == history.invoices.count, "ImportWaveBuilder: a plan per invoice")
        self.history = history
        foreseen = plans
    }

    /// The next wave, or `nil` after the last one.
    ///
    /// Refusals of the wave before must have been told to ``refused(_:)``.
    mutating func next() -> ImportWave? {
        guard nextInvoice < history.invoices.count else { return nil }
        waveNumber += 1
        let firstInvoice = nextInvoice
        var wave = ImportWave(number: waveNumber, plans: [])
        var lineCount = 0
        while nextInvoice < history.invoices.count,
            wave.plans.count < ImportWave.invoiceLimit, lineCount < ImportWave.lineLimit
        {
            let plan = planner?.plan(nextInvoice) ?? foreseen[nextInvoice]
            if let touched = plan.latestInvoiceTouched, touched >= firstInvoice {
                planner?.undo(plan)
                return wave
            }
            nextInvoice += 1
            lineCount += history.invoices[plan.invoice].rows.count
            wave.plans.append(plan)
        }
        return wave
    }

    /// Takes a plan back that came to nothing, so that nothing is returned against it.
    mutating func refused(_ plan: InvoicePlan) {
        if planner == nil {
            var planner = InvoicePlanner(history)
            for index in 0..<nextInvoice { _ = planner.plan(index) }
            self.planner = planner
        }
        planner?.undo(plan)
    }
}
