internal import DaybookCore
internal import DaybookDecisions

/// One run of facts, folded to the final rows of `orders.sqlite`: an order placed, paid and started
/// in one run is one insert.
struct OrdersFold: RunFold {
    let store: OrdersStore
    var orders = RowCache<OrderID, OrderRow>()
    var refunds = RowCache<RefundID, RefundRow>()
    private var shipments: [ShipmentRow] = []
    private var returns = RowCache<ReturnID, ReturnRow>()

    init(store: OrdersStore) {
        self.store = store
    }

    /// Every event is about one order, so there are no parts.
    mutating func apply(_ fact: Fact, _ part: EventPart) throws {
        switch fact.event {
        case .orderPlaced(let event): try place(event, fact)
        case .processingStarted(let event):
            try change(event.orderID, fact) { $0.progress.processingSince = fact.recordedAt }
        case .shipmentDispatched(let event): try ship(event, fact)
        case .orderCancelled(let event):
            try change(event.orderID, fact) {
                $0.progress.closure = .cancelled
                $0.progress.closedReason = event.reason
            }
        case .orderExpired(let event):
            try change(event.orderID, fact) {
                $0.progress.closure = Mutant.expiryNotProjected.isPlanted ? .open : .expired
                $0.progress.closedReason = "deadline \(event.deadline)"
            }
        case .returnRequested(let event): try announce(event, fact)
        case .returnReceived(let event): try receive(event, fact)
        default: try applyPayment(fact)
        }
    }

    /// Products have their numbers by the order of the log, whatever becomes of the orders.
    func pass(_ fact: Fact) throws {
        guard case .orderPlaced(let event) = fact.event else { return }
        for line in event.lines { _ = try store.products.product(of: line) }
    }

    func write() throws {
        try store.products.write()
        for row in orders.rows { try store.write(row) }
        try store.writePurchases(of: orders.rows)
        for row in refunds.rows { try store.write(row) }
        for row in shipments { try store.write(row) }
        for row in returns.rows { try store.write(row) }
    }

    // MARK: Orders

    private mutating func place(_ event: OrderPlaced, _ fact: Fact) throws {
        let number = Int64(bitPattern: event.orderNumber)
        let units = event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
        let progress = OrderProgress(
            payable: event.payableMinor, orderedUnits: units, createdAt: fact.recordedAt,
            updatedAt: fact.recordedAt, position: fact.position)
        orders.insert(
            OrderRow(
                id: event.orderID, number: number,
                placement: event,
                products: try event.lines.map(store.products.product),
                progress: progress), at: event.orderID)
    }

    /// Changes an order and notes when and by which event.
    @discardableResult
    mutating func change(
        _ order: OrderID, _ fact: Fact, _ body: (inout OrderRow) -> Void = { _ in }
    ) throws -> Int {
        guard let place = try orders.index(of: order, load: store.order) else {
            throw failure(fact, "order \(order) is unknown")
        }
        body(&orders[place])
        orders[place].progress.updatedAt = fact.recordedAt
        orders[place].progress.position = fact.position
        return place
    }

    func failure(_ fact: Fact, _ reason: String) -> ProjectionError {
        ProjectionError(
            model: .orders, position: fact.position, type: fact.event.type, reason: reason)
    }

    // MARK: Parcels

    private mutating func ship(_ event: ShipmentDispatched, _ fact: Fact) throws {
        let counted = PlantedBug.parcelOfOneLine.isPlanted ? 1 : event.lines.count
        let units = event.lines.prefix(counted).reduce(0) { $0 + Int64($1.quantity.rawValue) }
        let place = try change(event.orderID, fact) { order in
            order.progress.shipped += units
            for line in event.lines {
                order.lineChanges.append(
                    OrderLineChange(
                        line: line.lineNumber, shipped: Int64(line.quantity.rawValue)))
            }
        }
        shipments.append(
            ShipmentRow(
                id: event.shipmentID, orderNumber: orders[place].number,
                location: event.location.rawValue, carrier: event.carrier,
                tracking: event.tracking, unitCount: units,
                lines: LinePairs.text(of: event.lines), dispatchedAt: fact.recordedAt))
    }

    private mutating func announce(_ event: ReturnRequested, _ fact: Fact) throws {
        let place = try change(event.orderID, fact)
        let units = event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
        returns.insert(
            ReturnRow(
                id: event.returnID, orderNumber: orders[place].number, requestedUnits: units,
                lines: LinePairs.text(of: event.lines), requestedAt: fact.recordedAt),
            at: event.returnID)
    }

    private mutating func receive(_ event: ReturnReceived, _ fact: Fact) throws {
        let received = event.lines.reduce(0) { $0 + Int64($1.received) }
        let damaged =
            Mutant.damageNotProjected.isPlanted
            ? 0 : event.lines.reduce(0) { $0 + Int64($1.damaged) }
        let order = try change(event.orderID, fact) { order in
            order.progress.returned += received
            for line in event.lines {
                order.lineChanges.append(
                    OrderLineChange(line: line.lineNumber, returned: Int64(line.received)))
            }
        }
        let number = orders[order].number
        let known = try returns.index(of: event.returnID) { try store.goodsReturn($0, of: number) }
        guard let place = known else {
            throw failure(fact, "return \(event.returnID) is unknown")
        }
        try check(returns[place].orderNumber, is: number, fact)
        returns[place].state = .received
        returns[place].receivedUnits += received
        returns[place].damagedUnits += damaged
        returns[place].receivedAt = fact.recordedAt
    }
}
