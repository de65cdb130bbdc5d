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
            if let statuses {
                try snapshot.recentProducts(of: user, limit: limit, statuses: statuses)
            } else {
                try snapshot.recentProducts(of: user, limit: limit)
            }
        }
    }
}

extension Snapshot {
    private static let recentProductsOfUser = StatementText(
        """
        SELECT projection.position, recent.* FROM projection LEFT JOIN (
            SELECT sku, name, last_ordered, times_ordered, order_count, ordered_units
            FROM user_products WHERE user_id = ?
            ORDER BY last_ordered DESC, sku DESC LIMIT ?
        ) AS recent ORDER BY recent.last_ordered DESC, recent.sku DESC
        """)

    /// From the table that the projector keeps; the position comes with the rows.
    func recentProducts(of user: UserID, limit: Int) throws -> Answer<[RecentProduct]> {
        let row = try statement(Snapshot.recentProductsOfUser)
        row.bind(identifier: user.rawValue)
        row.bind(Int64(limit))
        return try recentProducts(in: row)
    }

    /// From the lines of the orders that have one of the statuses.
    func recentProducts(
        of user: UserID, limit: Int, statuses: [OrderStatus]
    ) throws -> Answer<[RecentProduct]> {
        let row = try statement(
            """
            SELECT projection.position, recent.* FROM projection LEFT JOIN (
                SELECT sku, max(latest_name) AS name, max(created_at) AS last_ordered, count(*),
                    count(DISTINCT order_number), sum(quantity)
                FROM (
                    SELECT lines.sku, order_number, created_at, quantity,
                        first_value(lines.name) OVER (
                            PARTITION BY lines.sku
                            ORDER BY created_at DESC, order_number DESC, line_number DESC
                        ) AS latest_name
                    FROM stored_orders JOIN \(TableDefinition.orderLines.source) AS lines
                        USING (order_number)
                    WHERE user_id = ? AND status IN (SELECT value FROM json_each(?))
                )
                GROUP BY sku ORDER BY last_ordered DESC, sku DESC LIMIT ?
            ) AS recent ORDER BY recent.last_ordered DESC, recent.sku DESC
            """)
        row.bind(identifier: user.rawValue)
        row.bind(statuses.jsonText)
        row.bind(Int64(limit))
        return try recentProducts(in: row)
    }

    private func recentProducts(in row: RowStatement) throws -> Answer<[RecentProduct]> {
        var products: [RecentProduct] = []
        var position = LogPosition.start
        while try row.step() {
            position = row.position(0)
            if !row.isNull(1) { products.append(RecentProduct(row, from: 1)) }
        }
        return Answer(value: products, position: position)
    }
}

extension [OrderStatus] {
    /// A JSON array of their numbers, so that one statement serves any number of statuses.
    var jsonText: String { "[" + map { String($0.code) }.joined(separator: ",") + "]" }
}
