public import DaybookCore

extension ReadModels {
    /// Payments with a call to the provider that has no recorded outcome, longest waiting first.
    ///
    /// - Parameters:
    ///   - olderThan: calls requested at or before this instant.
    ///   - limit: 0 ... 100.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func paymentsInFlight(
        olderThan: Instant, limit: Int = 100, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[PaymentInFlight]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(
                """
                SELECT \(StoredOrderSQL.paymentID), order_id, attempt, in_flight, in_flight_since, payment_state
                FROM stored_orders
                WHERE in_flight IS NOT NULL AND in_flight_since <= ?
                ORDER BY in_flight_since, \(StoredOrderSQL.paymentID) LIMIT ?
                """)
            row.bind(olderThan)
            row.bind(Int64(limit))
            var payments: [PaymentInFlight] = []
            while try row.step() { payments.append(PaymentInFlight(row)) }
            return payments
        }
    }
}
