public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// A product by its SKU.
    ///
    /// - Throws: `product_not_found`, `not_yet`, `read_model_unavailable`.
    public func product(
        sku: SKU, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<ProductView> {
        try await answer(from: .inventory, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(Snapshot.productBySKU)
            row.bind(sku.rawValue)
            guard try row.step() else { throw Snapshot.noProduct(sku) }
            defer { row.reset() }
            return ProductView(row)
        }
    }
}

extension Snapshot {
    fileprivate static let productBySKU = StatementText(
        TableDefinition.products.selection(suffix: "WHERE sku = ?"))

    static func noProduct(_ sku: SKU) -> SelectorError {
        SelectorError(code: .productNotFound, message: "there is no product '\(sku)'")
    }
}
