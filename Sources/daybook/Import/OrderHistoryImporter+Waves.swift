import DaybookCore
import DaybookDecisions

/// The waves: invoices in the order of the file, their payments, their shipments.
extension OrderHistoryImporter {
    /// - Returns: `false` when it was stopped.
    mutating func importInvoices() async throws -> Bool {
        var builder = ImportWaveBuilder(history, plans: forecast.plans)
        let finishedWave = marker.lastWave()
        var waveNumber = 0
        while !isStopRequested(), let wave = builder.next() {
            waveNumber = wave.number
            let isKnown = try await record(wave, refusing: &builder)
            // Payments are made here and nowhere else, see ``ImportMarker``.
            if !isKnown || wave.number > finishedWave {
                try await target.runReactors()
                try marker.finished(wave.number)
            }
            progress(ImportProgress(phase: .rows, done: rowsDone, total: history.rowCount))
            // They are waited for in the end, and by then have little left.
            if rowsDone > history.rowCount / 8 * 7 { target.hurryReadModels() }
        }
        let isComplete = builder.isAtEnd
        // What is paid is sent, also when the import was stopped: the next wave would begin with
        // it.
        let isKnown = try await recordShipments()
        guard isComplete else { return false }
        try rejects.finish()
        rowsDone = history.rowCount
        if !isKnown || waveNumber + 1 > finishedWave {
            try await target.runReactors()
            try marker.finished(waveNumber + 1)
        }
        progress(ImportProgress(phase: .rows, done: rowsDone, total: history.rowCount))
        return true
    }

    /// Records a wave behind the shipments of the wave before, in one go.
    ///
    /// - Returns: whether all of it had been recorded before.
    private mutating func record(
        _ wave: ImportWave, refusing builder: inout ImportWaveBuilder
    ) async throws -> Bool {
        var refusals: [Int: (code: String, message: String)] = [:]
        var plans: [InvoicePlan] = []
        var asked = shipments
        let shipmentCount = asked.count
        for plan in wave.plans where !plan.isEmpty {
            let buyer = plan.lines.isEmpty ? nil : users[Int(plan.customer)]
            guard plan.lines.isEmpty || buyer != nil else {
                refusals[plan.invoice] = ("user_missing", "the customer has no account")
                continue
            }
            plans.append(plan)
            asked.append(requests.request(for: plan, buyer: buyer, orders: orders))
        }
        let outcomes = try await record(asked)
        noteShipments(outcomes[..<shipmentCount])
        // A refusal leaves no trace: whether it is new cannot be told.
        let isKnown = outcomes.allSatisfy { $0.isRepeat || $0.isRefused }
        for (plan, outcome) in zip(plans, outcomes[shipmentCount...]) {
            switch outcome {
            case .recorded(let record): accept(plan, record)
            case .refused(let code, let message):
                refusals[plan.invoice] = (code, message)
            }
        }
        for plan in wave.plans where refusals[plan.invoice] != nil { builder.refused(plan) }
        try rejects.add(wave.plans, refusals: refusals)
        rowsDone += wave.plans.reduce(0) { $0 + history.invoices[$1.invoice].rows.count }
        return isKnown
    }

    private mutating func accept(_ plan: InvoicePlan, _ record: ImportRecord) {
        scope.invoiceKeys.insert(plan.key)
        // Its rejected rows are counted with all others.
        var counted = plan
        counted.rejects = []
        accepted.add(counted)
        guard let order = record.order else { return }
        orders[plan.invoice] = order
        unsent.append(plan.invoice)
    }

    // MARK: Shipments

    private var shipments: [ImportRequest] {
        unsent.compactMap { invoice in
            orders[invoice].flatMap { requests.shipment(of: invoice, order: $0) }
        }
    }

    private mutating func recordShipments() async throws -> Bool {
        let outcomes = try await record(shipments)
        noteShipments(outcomes[...])
        return outcomes.allSatisfy { $0.isRepeat || $0.isRefused }
    }

    private mutating func noteShipments(_ outcomes: ArraySlice<ImportOutcome>) {
        for (invoice, outcome) in zip(unsent, outcomes) {
            guard case .refused(let code, let message) = outcome else { continue }
            find(
                code,
                "the order of invoice \(history.invoices[invoice].key) was not sent: \(message)")
        }
        unsent = []
    }
}

extension ImportOutcome {
    var isRepeat: Bool {
        if case .recorded(let record) = self { record.isRepeat } else { false }
    }

    var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}
