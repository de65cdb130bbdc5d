public import DaybookCore
public import DaybookDecisions

extension ReadModels {
    /// All orders of the shop, newest first, a page at a time, without their lines.
    ///
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func orders(
        statuses: [OrderStatus]? = nil, limit: Int = 20, after: OrderCursor? = nil,
        atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<Page<OrderSummary>> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            try snapshot.orders(
                of: nil, statuses: statuses, limit: limit, after: after,
                columns: OrderSummary.columns, { OrderSummary($0) }, cursor: \.cursor)
        }
    }
}

extension Snapshot {
    private static let ordersByUser = """
        (SELECT user_id AS buyer, created_at AS ordered_at, order_number AS number FROM user_orders)
        CROSS JOIN
        """

    /// A page of orders, each made from the columns that are named.
    func orders<Item>(
        of user: UserID?, statuses: [OrderStatus]?, limit: Int, after: OrderCursor?,
        columns: String, _ make: (RowStatement) throws -> Item, cursor: (Item) -> OrderCursor
    ) throws -> Page<Item> {
        var conditions: [String] = []
        if user != nil { conditions.append("order_number = number AND buyer = ?") }
        if statuses != nil { conditions.append("status IN (SELECT value FROM json_each(?))") }
        // Of a person the time is read where the persons' orders are: they lie there in this order.
        let time = user == nil ? "created_at" : "ordered_at"
        if after != nil { conditions.append("(\(time), order_id) < (?, ?)") }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let row = try statement(
            """
            SELECT \(columns) FROM \(user == nil ? "" : Snapshot.ordersByUser) stored_orders \(filter)
            ORDER BY \(time) DESC, order_id DESC LIMIT ?
            """)
        if let user { row.bind(identifier: user.rawValue) }
        if let statuses { row.bind(statuses.jsonText) }
        if let after {
            row.bind(after.createdAt)
            row.bind(identifier: after.orderID.rawValue)
        }
        // One more than asked for tells whether there is a next page.
        row.bind(Int64(limit) + 1)
        var found: [Item] = []
        while try row.step() { found.append(try make(row)) }
        let items = Array(found.prefix(limit))
        return Page(items: items, next: found.count > limit ? items.last.map(cursor) : nil)
    }
}
