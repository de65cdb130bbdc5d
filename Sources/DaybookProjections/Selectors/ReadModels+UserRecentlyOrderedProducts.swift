public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// The products that a person ordered last, each once, whatever became of the orders.
    ///
    /// Latest first, equal times by descending SKU; one statement.
    ///
    /// - Parameters:
    ///   - limit: 0 ... 100.
    ///   - statuses: counts only orders that have one of these now; `nil` counts all, as the
    ///     reference does.
    ///   - atLeast: waits until the read model has come this far.
    ///   - moment: answers as it was then.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    ///
    /// Source: DOMAIN.md, S-110 to S-116, D-28 to D-30.
    public func userRecentlyOrderedProducts(
        user: UserID, limit: Int = 5, statuses: [OrderStatus]? = nil, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[RecentProduct]> {
        try SelectorError.check(limit: limit)
        return try await wholeAnswer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            try snapshot.recentProducts(of: user, limit: limit, statuses: statuses)
        }
    }
}

extension Snapshot {
    /// Without orders one row, for the position.
    static let ordersOfUser = StatementText(
        """
        SELECT projection.position, products, order_number, created_at
        FROM projection LEFT JOIN user_orders ON user_id = ?
        WHERE projection.name = 'orders' ORDER BY created_at DESC, order_number DESC
        """)

    /// The same of the orders that have one of some statuses now.
    static let ordersOfUserByStatus = StatementText(
        """
        SELECT projection.position, products, number, ordered_at FROM projection LEFT JOIN (
            SELECT products, user_orders.order_number AS number,
                user_orders.created_at AS ordered_at
            FROM user_orders CROSS JOIN stored_orders USING (order_number)
            WHERE user_orders.user_id = ? AND status IN (SELECT value FROM json_each(?))
        )
        WHERE projection.name = 'orders' ORDER BY ordered_at DESC, number DESC
        """)

    /// - Parameter statuses: `nil` counts all orders.
    func recentProducts(
        of user: UserID, limit: Int, statuses: [OrderStatus]? = nil
    ) throws -> Answer<[RecentProduct]> {
        let row = try statement(
            statuses == nil ? Snapshot.ordersOfUser : Snapshot.ordersOfUserByStatus)
        row.bind(identifier: user.rawValue)
        if let statuses { row.bind(statuses.jsonText) }
        var tally = ProductTally(of: try soldProducts(), limit: limit)
        var position = LogPosition.start
        while try row.step() {
            // It comes with the rows.
            position = row.position(0)
            guard !row.isNull(1) else { continue }
            try tally.add(row.textBytes(1), order: row.integer(2), at: row.instant(3))
        }
        return Answer(value: tally.latest, position: position)
    }
}

extension [OrderStatus] {
    /// A JSON array of their numbers, so that one statement serves any number of statuses.
    var jsonText: String { "[" + map { String($0.code) }.joined(separator: ",") + "]" }
}
