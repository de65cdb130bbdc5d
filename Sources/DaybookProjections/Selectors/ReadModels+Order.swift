public import DaybookCore

extension ReadModels {
    /// One order with everything that belongs to it, by its id.
    ///
    /// - Parameters:
    ///   - viewer: the person who asks; somebody else's order is answered like one that does not
    ///     exist. `nil` sees all.
    /// - Throws: `order_not_found`, `not_yet`, `read_model_unavailable`.
    public func order(
        orderID: OrderID, viewer: UserID? = nil, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<OrderDetail> {
        try await wholeAnswer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(Snapshot.orderByID)
            row.bind(order: orderID)
            return try snapshot.detail(row, viewer, name: orderID.description)
        }
    }

    /// The same by the number that people use.
    public func order(
        orderNumber: UInt64, viewer: UserID? = nil, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<OrderDetail> {
        try await wholeAnswer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(Snapshot.orderByNumber)
            row.bind(Int64(bitPattern: orderNumber))
            return try snapshot.detail(row, viewer, name: "number \(orderNumber)")
        }
    }
}

extension Snapshot {
    /// Position and payment come with the order: two statements less.
    private static let columnsOfDetail =
        OrderView.columns + ", (SELECT position FROM projection), " + PaymentRow.columns
    static let orderByID = StatementText(
        "SELECT \(columnsOfDetail) FROM stored_orders WHERE \(StoredOrderSQL.hasID)")
    fileprivate static let orderByNumber = StatementText(
        "SELECT \(columnsOfDetail) FROM stored_orders WHERE order_number = ?")
    private static let refundsOfOrder = rows(of: .refunds)
    private static let shipmentsOfOrder = rows(of: .shipments)
    private static let returnsOfOrder = rows(of: .returns)

    /// The rows of one order, in the order of what else is in the key.
    private static func rows(of table: TableDefinition) -> StatementText {
        StatementText(table.selection(suffix: "WHERE order_number = ? ORDER BY \(table.key[1])"))
    }

    fileprivate func detail(
        _ row: RowStatement, _ viewer: UserID?, name: String
    ) throws -> Answer<OrderDetail> {
        guard try row.step() else { throw Snapshot.notFound(name) }
        let order = try OrderView(row, try soldProducts())
        let position = row.position(OrderView.columnCount)
        let payment = PaymentRow(
            row, from: OrderView.columnCount + 1, of: order.summary.orderID)
        row.reset()
        let summary = order.summary
        guard viewer == nil || viewer == summary.userID else { throw Snapshot.notFound(name) }
        let number = Int64(bitPattern: summary.orderNumber)
        let detail = OrderDetail(
            order: order,
            payments: payment.map { [PaymentView($0)] } ?? [],
            refunds: try rows(Self.refundsOfOrder, number) { RefundRow($0).map(RefundView.init) },
            shipments: try rows(Self.shipmentsOfOrder, number) { ShipmentView($0) },
            returns: try rows(Self.returnsOfOrder, number) { ReturnRow($0).map(ReturnView.init) })
        return Answer(value: detail, position: position)
    }

    private func rows<View>(
        _ text: StatementText, _ order: Int64, _ make: (RowStatement) -> View?
    ) throws -> [View] {
        let row = try statement(text)
        row.bind(order)
        var views: [View] = []
        while try row.step() {
            if let view = make(row) { views.append(view) }
        }
        return views
    }

    private static func notFound(_ name: String) -> SelectorError {
        SelectorError(code: .orderNotFound, message: "there is no order \(name)")
    }
}
