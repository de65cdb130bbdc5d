internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// The prepared statements of `orders.sqlite`.
final class OrdersStore {
    private let database: Database
    private var selectOrder: RowStatement?
    /// No order has a higher identifier that was written in an earlier run: most new ones need not be looked
    /// for, since identifiers rise with time.
    private var highest = OrderID(rawValue: 0)
    private let selectOrderByNumber: RowStatement
    private let insertOrder: RowStatement
    private let updateOrder: RowStatement
    private let selectLines: RowStatement
    private let updateOrderAndLines: RowStatement
    private var lineList = RowListWriter()
    private let selectRefund: RowStatement
    private let replaceRefund: RowStatement
    private let insertShipment: RowStatement
    private let selectReturn: RowStatement
    private let replaceReturn: RowStatement
    private let insertPurchase: RowStatement
    let products: ProductNumbers
    /// While there is no index yet on the 128-bit ids: which number an order has.
    private var numbers = RowCache<OrderID, Int64>()
    private var remembersNumbers: Bool
    /// `nil` unless rows are written that nobody reads before the end.
    private let limits: RebuildLimits?
    /// Of a run, or while rebuilding of many.
    private var purchases = PurchaseList()

    /// What later events change, as it is bound.
    private static let progress = """
        status = ?, fulfilment_state = ?, closure = ?, shipped_units = ?, returned_units = ?,
        processing_since = ?, closed_reason = ?, updated_after = ?, position = ?,
        \(PaymentRow.assignments)
        """

    private static let selection = """
        SELECT order_number, \(StoredOrderSQL.payable), unit_count, created_at, closure, closed_reason,
        processing_since, shipped_units, returned_units, \(StoredOrderSQL.updatedAt), position,
        \(PaymentRow.columns)
        FROM stored_orders WHERE
        """

    /// - Parameter limits: of a rebuild; `nil` for a live file.
    init(_ database: Database, rebuildingWithin limits: RebuildLimits?) throws {
        self.database = database
        self.limits = limits
        func statement(_ sql: String) throws -> RowStatement { try RowStatement(database, sql) }
        func selecting(_ table: TableDefinition) throws -> RowStatement {
            let condition = table.key.map { "\($0) = ?" }.joined(separator: " AND ")
            return try statement(table.selection(suffix: "WHERE \(condition)"))
        }
        remembersNumbers = limits != nil
        selectOrderByNumber = try statement("\(OrdersStore.selection) order_number = ?")
        insertOrder = try statement(TableDefinition.storedOrders.insertion())
        updateOrder = try statement(
            "UPDATE stored_orders SET \(OrdersStore.progress) WHERE order_number = ?")
        updateOrderAndLines = try statement(
            "UPDATE stored_orders SET lines = ?, \(OrdersStore.progress) WHERE order_number = ?")
        selectLines = try statement("SELECT lines FROM stored_orders WHERE order_number = ?")
        selectRefund = try selecting(.refunds)
        replaceRefund = try statement(TableDefinition.refunds.insertion(orReplace: true))
        insertShipment = try statement(TableDefinition.shipments.insertion(orReplace: true))
        selectReturn = try selecting(.returns)
        replaceReturn = try statement(TableDefinition.returns.insertion(orReplace: true))
        insertPurchase = try statement(TableDefinition.userOrders.insertion())
        products = try ProductNumbers(database)
        if !remembersNumbers { try findByIndex() }
    }

    // MARK: Orders

    func order(_ id: OrderID) throws -> OrderRow? {
        let row: RowStatement
        if let selectOrder {
            row = selectOrder
            row.bind(order: id)
        } else {
            guard let place = numbers.find(id) else { return nil }
            row = selectOrderByNumber
            row.bind(numbers[place])
        }
        guard try row.step() else { return nil }
        defer { row.reset() }
        guard let closure = row.word(4, Closure.self) else { return nil }
        return OrderRow(
            id: id, number: row.integer(0), placement: nil,
            progress: OrderProgress(
                payable: row.integer(1), orderedUnits: row.integer(2), createdAt: row.instant(3),
                closure: closure, closedReason: row.optionalText(5),
                processingSince: row.optionalInstant(6), payment: PaymentRow(row, from: 11, of: id),
                shipped: row.integer(7), returned: row.integer(8), updatedAt: row.instant(9),
                position: row.position(10)))
    }

    func write(_ order: OrderRow) throws {
        guard let placement = order.placement else {
            let row = order.lineChanges.isEmpty ? updateOrder : try updateWithLines(of: order)
            row.bind(order.progress, of: order.id)
            row.bind(order.number)
            try row.run()
            return
        }
        guard try !contains(order.id) else {
            throw DatabaseError(
                resultCode: .SQLITE_CONSTRAINT, message: "there are two orders \(order.id)")
        }
        if remembersNumbers { numbers.insert(order.number, at: order.id) }
        try insert(placement, order)
    }

    /// The index holds a part of each identifier, so that it cannot refuse a second order of one.
    private func contains(_ id: OrderID) throws -> Bool {
        guard let selectOrder else { return numbers.find(id) != nil }
        guard id <= highest else { return false }
        selectOrder.bind(order: id)
        defer { selectOrder.reset() }
        return try selectOrder.step()
    }

    /// The statement with the lines bound as parcels and returns have left them.
    private func updateWithLines(of order: OrderRow) throws -> RowStatement {
        selectLines.bind(order.number)
        guard try selectLines.step() else { return updateOrder }
        defer { selectLines.reset() }
        bind(
            try StoredLine.read(selectLines.textBytes(0)), order.lineChanges,
            to: updateOrderAndLines)
        return updateOrderAndLines
    }

    private func bind(
        _ lines: some Sequence<StoredLine>, _ changes: [OrderLineChange], to row: RowStatement
    ) {
        lineList.removeAll()
        var place: Int64 = 0
        for var line in lines {
            place += 1
            line.apply(changes)
            line.write(to: &lineList, at: place)
        }
        lineList.bytes.withUnsafeBytes { row.bind(utf8: $0) }
    }

    private func insert(_ event: OrderPlaced, _ order: OrderRow) throws {
        let row = insertOrder
        row.bind(order.number)
        row.bind(identifier: event.orderID.rawValue)
        row.bind(identifier: event.userID.rawValue)
        row.bind(event.currency.rawValue)
        row.bind(event.netMinor)
        row.bind(event.taxMinor)
        row.bind(event.payableMinor &- event.netMinor &- event.taxMinor)
        row.bind(Int64(event.taxRate.rawValue))
        row.bind(event.rounding)
        row.bind(event.captureMode)
        row.bind(Int64(event.lines.count))
        row.bind(order.progress.orderedUnits)
        row.bind(event.origin ?? .shop)
        row.bind(order.progress.createdAt)
        row.bind(
            event.expiresAt.map {
                $0.microseconds &- order.progress.createdAt.microseconds
                    &- StoredOrderSQL.usualDeadline
            })
        row.bind(bytes: event.shippingAddress?.box)
        row.bind(event.shippingAddress.map { Int64($0.keyVersion) })
        bind(
            zip(event.lines, order.products).lazy.map(StoredLine.init), order.lineChanges,
            to: row)
        row.bind(order.progress, of: order.id)
        try row.run()
    }

    // MARK: Refunds

    func refund(_ id: RefundID, of order: Int64) throws -> RefundRow? {
        selectRefund.bind(order)
        selectRefund.bind(identifier: id.rawValue)
        guard try selectRefund.step() else { return nil }
        defer { selectRefund.reset() }
        return RefundRow(selectRefund)
    }

    func write(_ refund: RefundRow) throws { try refund.write(replaceRefund) }

    // MARK: Parcels

    func write(_ shipment: ShipmentRow) throws { try shipment.write(insertShipment) }

    func goodsReturn(_ id: ReturnID, of order: Int64) throws -> ReturnRow? {
        selectReturn.bind(order)
        selectReturn.bind(identifier: id.rawValue)
        guard try selectReturn.step() else { return nil }
        defer { selectReturn.reset() }
        return ReturnRow(selectReturn)
    }

    func write(_ goodsReturn: ReturnRow) throws { try goodsReturn.write(replaceReturn) }

    // MARK: Purchases

    /// Writes what persons ordered with the orders that were placed in this run.
    func writePurchases(of orders: [OrderRow]) throws {
        if let limits, numbers.rows.count > limits.orders { try makeIndex() }
        for order in orders {
            guard let placement = order.placement else { continue }
            highest = max(highest, order.id)
            let isPlanted = Mutant.linesCountedAsOrders.isPlanted
            for index in isPlanted ? placement.lines.indices : 0..<1 {
                let lines = isPlanted ? placement.lines[index...index] : placement.lines[...]
                purchases.add(
                    of: placement.userID, lines, order.products, at: order.progress.createdAt,
                    order: order.number &- Int64(index) << 32)
            }
            if purchases.isFull(limits?.purchases ?? .max) { try writeWaiting() }
        }
        if limits == nil { try writeWaiting() }
    }

    /// From here on orders are found by their ids like in a live file: memory has a bound, and later ids
    /// are larger, so the index costs little.
    private func makeIndex() throws {
        for sql in ReadModelSchema.orders.indexes where sql.contains(" orders_by_id ") {
            try database.execute(sql: sql)
        }
        try findByIndex()
        remembersNumbers = false
        numbers = RowCache()
    }

    private func findByIndex() throws {
        selectOrder = try RowStatement(
            database, "\(OrdersStore.selection) \(StoredOrderSQL.hasID)")
        let last = try RowStatement(
            database,
            "SELECT order_id FROM stored_orders ORDER BY \(StoredOrderSQL.shortID) DESC LIMIT 1")
        guard try last.step() else { return }
        defer { last.reset() }
        // The highest of those that begin like this one.
        let rest = UInt128.max >> UInt128(8 * StoredOrderSQL.shortByteCount)
        highest = max(highest, OrderID(rawValue: last.identifier(0) | rest))
    }

    func writeWaiting() throws {
        // Also after a failure: the run will come again.
        defer { purchases.removeAll() }
        try purchases.write(to: insertPurchase)
    }
}

extension RowStatement {
    /// Binds the last columns of `stored_orders`, in their order.
    fileprivate func bind(_ progress: OrderProgress, of order: OrderID) {
        bind(progress.status)
        bind(progress.fulfilment)
        bind(progress.closure)
        bind(progress.shipped)
        bind(progress.returned)
        bind(progress.processingSince)
        bind(progress.closedReason)
        bind(progress.updatedAt.microseconds &- progress.createdAt.microseconds)
        bind(progress.position)
        PaymentRow.bind(progress.payment, to: self, of: order, progress)
    }
}
