/// The first pass over a history: what the import will come to if nothing is refused.
struct ImportForecast {
    var figures: ImportFigures
    /// By product index; 0 where nothing is needed, always for services.
    var openingUnits: [Int64]
    /// By invoice index; they hold until one of them is refused.
    let plans: [InvoicePlan]

    /// - Complexity: O(*n*) in rows.
    init(_ history: OrderHistory) {
        var planner = InvoicePlanner(history)
        var stock = OpeningStock(productCount: history.products.count)
        var figures = ImportFigures()
        var plans: [InvoicePlan] = []
        plans.reserveCapacity(history.invoices.count)
        for index in history.invoices.indices {
            let plan = planner.plan(index)
            figures.add(plan)
            for movement in plan.movements { stock.record(movement) }
            plans.append(plan)
        }
        figures.rows = Int64(history.rowCount)
        figures.rejects += Int64(history.malformedRows.count)
        figures.users = Int64(history.customers.count)
        figures.products = Int64(history.products.count)
        openingUnits = history.products.indices.map { stock.units(ofProduct: $0) }
        figures.openingUnits = openingUnits.reduce(0, +)
        figures.finalUnits = history.products.indices.lazy
            .map { stock.finalUnits(ofProduct: $0) }.reduce(0, +)
        self.figures = figures
        self.plans = plans
    }
}
