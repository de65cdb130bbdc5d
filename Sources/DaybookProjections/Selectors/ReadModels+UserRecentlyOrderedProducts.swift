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
    /// Without orders one row, for the position.
    private static let ordersOfUser = StatementText(
        """
        SELECT projection.position, products, order_number, created_at
        FROM projection LEFT JOIN user_orders ON user_id = ?
        WHERE projection.name = 'orders' ORDER BY created_at DESC, order_number DESC
        """)

    /// From the table of the persons' orders; the position comes with the rows.
    func recentProducts(of user: UserID, limit: Int) throws -> Answer<[RecentProduct]> {
        let row = try statement(Snapshot.ordersOfUser)
        row.bind(identifier: user.rawValue)
        var tally = ProductTally(limit: limit)
        var position = LogPosition.start
        while try row.step() {
            position = row.position(0)
            guard !row.isNull(1) else { continue }
            try tally.add(row.textBytes(1), order: row.integer(2), at: row.instant(3))
        }
        return Answer(value: tally.latest, position: position)
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
                    WHERE order_number IN (SELECT order_number FROM user_orders WHERE user_id = ?)
                        AND status IN (SELECT value FROM json_each(?))
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
