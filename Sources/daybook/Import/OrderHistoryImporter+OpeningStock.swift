import DaybookCore
import DaybookDecisions

/// The opening stock, and how much of it is still to come where files overlap.
extension OrderHistoryImporter {
    /// - Returns: `false` when it was stopped.
    mutating func receiveOpeningStock(at time: Instant) async throws -> Bool {
        openingUnits = try await decideOpeningUnits()
        let all = history.products.indices.flatMap { index in
            requests.openingStock(index, units: openingUnits[index], time: time)
        }
        for chunk in chunks(of: all.count) {
            guard !isStopRequested() else { return false }
            let outcomes = try await record(Array(all[chunk]))
            for (request, outcome) in zip(all[chunk], outcomes) {
                switch outcome {
                case .recorded: scope.stockKeys.insert(request.key)
                case .refused(_, let message):
                    find("stock_refused", "opening stock \(request.key) was refused: \(message)")
                }
            }
            progress(ImportProgress(phase: .stock, done: chunk.upperBound, total: all.count))
        }
        return true
    }

    /// The opening stock by product index.
    ///
    /// A history of which no invoice is recorded gets all that its movements need. Of another one,
    /// only the invoices that are not recorded count, and what is available is used up first.
    ///
    /// A run that goes on decides as the run before it did. What this content has received stays
    /// as it is. Nothing moves before all of it is there, so the codes that are left are decided
    /// from what the first run saw; and when invoices follow, what they still need is available.
    private func decideOpeningUnits() async throws -> [Int64] {
        let recorded = try await target.recorded(of: history)
        guard !recorded.invoiceKeys.isEmpty else { return forecast.openingUnits }
        var stock = OpeningStock(productCount: history.products.count)
        // Also recorded invoices were planned: later returns may be of their goods.
        for plan in forecast.plans {
            guard !recorded.invoiceKeys.contains(plan.key) else { continue }
            for movement in plan.movements { stock.record(movement) }
        }
        // This content's waves have begun: its opening stock was complete before them.
        let isComplete = marker.lastWave() > 0
        var units = Array(repeating: Int64(0), count: history.products.count)
        for (index, product) in history.products.enumerated() {
            guard let sku = SKU(rawValue: product.code) else { continue }
            let own = recorded.ownOpeningUnits[sku] ?? 0
            units[index] = own
            // A full receipt may have another one to come, see `openingStock`.
            let isOpen = own % ImportRequests.receiptLimit == 0
            let need = stock.units(ofProduct: index)
            guard isOpen, !isComplete, need > 0 else { continue }
            units[index] += max(0, need - (try await target.availableUnits(sku: product.code)))
        }
        return units
    }
}
