public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// On hand, reserved and available units of a product, at one location or altogether.
    ///
    /// - Throws: `product_not_found`, `not_yet`, `read_model_unavailable`.
    public func availability(
        sku: SKU, location: LocationID? = nil, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<Availability> {
        try await answer(from: .inventory, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(
                """
                SELECT coalesce(sum(on_hand), 0), coalesce(sum(reserved), 0),
                    coalesce(sum(backordered), 0),
                    EXISTS (SELECT 1 FROM products WHERE sku = ?1)
                FROM stock WHERE sku = ?1 AND (?2 IS NULL OR location = ?2)
                """)
            row.bind(sku.rawValue)
            row.bind(location?.rawValue)
            guard try row.step(), row.flag(3) else {
                row.reset()
                throw Snapshot.noProduct(sku)
            }
            defer { row.reset() }
            return Availability(
                sku: sku.rawValue, location: location?.rawValue, onHand: row.integer(0),
                reserved: row.integer(1), backordered: row.integer(2),
                available: row.integer(0) - row.integer(1))
        }
    }
}
