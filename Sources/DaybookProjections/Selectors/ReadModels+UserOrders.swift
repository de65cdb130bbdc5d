public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// A person's orders, newest first, a page at a time.
    ///
    /// - Parameters:
    ///   - statuses: only these; `nil` means all.
    ///   - limit: 0 ... 100.
    ///   - after: ``Page/next`` of the page before.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func userOrders(
        user: UserID, statuses: [OrderStatus]? = nil, limit: Int = 10, after: OrderCursor? = nil,
        atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<Page<OrderView>> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let products = try snapshot.soldProducts()
            return try snapshot.orders(
                of: user, statuses: statuses, limit: limit, after: after,
                columns: OrderView.columns, { try OrderView($0, products) },
                cursor: \.summary.cursor)
        }
    }
}
