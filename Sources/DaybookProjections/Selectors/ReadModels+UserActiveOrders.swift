public import DaybookCore
internal import DaybookDecisions

extension ReadModels {
    /// The orders of a person that are still going on: `pending`, `processing` or `shipped`,
    /// exactly those of the reference. A `paid` order joins them once it is processed.
    ///
    /// Newest first by creation time, equal times by descending id. Lines, products as ordered, and
    /// the address come with the orders, in one statement.
    ///
    /// - Parameters:
    ///   - limit: 0 ... 100.
    ///   - atLeast: waits until the read model has come this far.
    ///   - moment: answers as it was then.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    ///
    /// Source: DOMAIN.md, S-100 to S-109, D-29, D-30.
    public func userActiveOrders(
        user: UserID, limit: Int = 10, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[OrderView]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            try snapshot.activeOrders(of: user, limit: limit)
        }
    }
}

extension Snapshot {
    /// In the order of the index. SQLite would sort equal times in a table that it makes for it, which takes
    /// longer than all else here, also when there are none.
    static let activeOrdersOfUser = StatementText(
        """
        SELECT \(OrderView.columns) FROM stored_orders
        WHERE user_id = ? AND \(OrderStatus.isActive) ORDER BY created_at DESC
        """)

    func activeOrders(of user: UserID, limit: Int) throws -> [OrderView] {
        guard limit > 0 else { return [] }
        let row = try statement(Snapshot.activeOrdersOfUser)
        row.bind(identifier: user.rawValue)
        defer { row.reset() }
        let products = try soldProducts()
        var orders: [OrderView] = []
        while try row.step() {
            // Which of those that tie with the last belong to the answer is known behind all of them.
            if orders.count >= limit {
                let createdAt = Timestamp(row.instant(OrderSummary.createdAtColumn))
                guard createdAt == orders[limit - 1].summary.createdAt else { break }
            }
            orders.append(try OrderView(row, products))
        }
        orders.sort { left, right in
            let (left, right) = (left.summary, right.summary)
            return left.createdAt == right.createdAt
                ? left.orderID > right.orderID : left.createdAt > right.createdAt
        }
        return Array(orders.prefix(limit))
    }
}
