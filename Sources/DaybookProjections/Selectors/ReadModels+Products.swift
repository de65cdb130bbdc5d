public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// Products in the order of their SKUs, a page at a time.
    ///
    /// - Parameters:
    ///   - limit: 0 ... 100.
    ///   - after: the last SKU of the page before.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func products(
        limit: Int = 20, after: SKU? = nil, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[ProductView]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .inventory, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(
                TableDefinition.products.selection(suffix: "WHERE sku > ? ORDER BY sku LIMIT ?"))
            row.bind(after?.rawValue ?? "")
            row.bind(Int64(limit))
            var products: [ProductView] = []
            while try row.step() { products.append(ProductView(row)) }
            return products
        }
    }
}
