public import DaybookCore
internal import DaybookDecisions

extension ReadModels {
    /// Orders whose deadline has passed and that may expire now: still `pending`, no money here,
    /// none on its way or of unknown outcome, and not held for a person. Earliest deadline first.
    ///
    /// - Parameters:
    ///   - before: deadlines up to and including this instant.
    ///   - limit: 0 ... 100.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func ordersDueToExpire(
        before: Instant, limit: Int = 100, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[OrderID]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(Snapshot.dueToExpire)
            row.bind(before)
            row.bind(Int64(limit))
            var orders: [OrderID] = []
            while try row.step() { orders.append(OrderID(rawValue: row.identifier(0))) }
            return orders
        }
    }
}

extension Snapshot {
    static let dueToExpire = StatementText(
        """
        SELECT order_id FROM stored_orders
        WHERE status = \(OrderStatus.pending.code)
        AND expires_shift IS NOT NULL AND \(StoredOrderSQL.expiresAt) <= ?
        AND payment_id_end IS NOT NULL
        AND (in_flight IS NULL OR in_flight = \(PaymentRow.Call.void.code))
        AND \(StoredOrderSQL.captured) + stray_minor = 0 AND held = 0
        ORDER BY \(StoredOrderSQL.expiresAt), order_id LIMIT ?
        """)
}
