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
    private(set) var planner: InvoicePlanner
    private var nextInvoice = 0
    private var waveNumber = 0

    /// Whether every invoice has been in a wave.
    var isAtEnd: Bool { nextInvoice == planner.history.invoices.count }

    init(_ history: OrderHistory) {
        planner = InvoicePlanner(history)
    }

    /// The next wave, or `nil` after the last one.
    ///
    /// Refusals of the wave before must have been told to ``refused(_:)``.
    mutating func next() -> ImportWave? {
        guard nextInvoice < planner.history.invoices.count else { return nil }
        waveNumber += 1
        let firstInvoice = nextInvoice
        var wave = ImportWave(number: waveNumber, plans: [])
        var lineCount = 0
        while nextInvoice < planner.history.invoices.count,
            wave.plans.count < ImportWave.invoiceLimit, lineCount < ImportWave.lineLimit
        {
            let plan = planner.plan(nextInvoice)
            if let touched = plan.latestInvoiceTouched, touched >= firstInvoice {
                planner.undo(plan)
                return wave
            }
            nextInvoice += 1
            lineCount += planner.history.invoices[plan.invoice].rows.count
            wave.plans.append(plan)
        }
        return wave
    }

    /// Takes a plan back that came to nothing, so that nothing is returned against it.
    mutating func refused(_ plan: InvoicePlan) {
        planner.undo(plan)
    }
}
