internal import DaybookCore
internal import DaybookDecisions

/// One run of facts, folded to the final rows of `inventory.sqlite`.
///
/// Stock figures are kept as sums of changes, so that nothing has to be read before it is written.
/// Source: DOMAIN.md section 3.3.
struct InventoryFold: RunFold {
    let store: InventoryStore
    private var products = RowCache<SKU, ProductRow>()
    private var stock = RowCache<StockKey, StockChange>()
    private var movements: [StockMovements] = []

    init(store: InventoryStore) {
        self.store = store
    }

    mutating func apply(_ fact: Fact, _ part: EventPart) throws {
        switch fact.event {
        case .productAdded(let event): try add(event, fact)
        case .priceChanged(let event):
            try change(event.sku, fact) {
                $0.price = Mutant.priceNotProjected.isPlanted ? event.oldPrice : event.newPrice
            }
        case .productRenamed(let event):
            try change(event.sku, fact) { $0.name = event.name }
        case .productDiscontinued(let event):
            try change(event.sku, fact) {
                $0.isOnSale = PlantedBug.discontinuedStaysOnSale.isPlanted
            }
        case .stockReceived(let event):
            move(
                event.sku, event.location, event.quantity, part,
                StockEffect(kind: .received, onHand: 1), at: fact)
        case .stockAdjusted(let event):
            move(
                event.sku, event.location, event.delta, part,
                StockEffect(kind: .adjusted, onHand: 1), at: fact)
        case .stockReserved(let event):
            let effect = StockEffect(kind: .reserved, reserved: 1)
            move(event.lines, part, of: event.orderID, effect, at: fact)
        case .stockReleased(let event):
            let freed: Int64 = Mutant.releaseNotProjected.isPlanted ? 0 : 1
            let effect = StockEffect(kind: .released, reserved: -freed)
            move(event.lines, part, of: event.orderID, effect, at: fact)
        case .stockShipped(let event):
            let effect = StockEffect(kind: .shipped, onHand: -1, reserved: -1)
            move(event.lines, part, of: event.orderID, effect, at: fact)
        case .stockRestocked(let event):
            let effect = StockEffect(kind: .restocked, onHand: 1)
            move(event.lines, part, of: event.orderID, effect, at: fact)
        default: break
        }
    }

    func write() throws {
        for product in products.rows { try store.write(product) }
        for change in stock.rows { try store.write(change) }
        for movement in movements { try store.write(movement) }
    }

    // MARK: Products

    private mutating func add(_ event: ProductAdded, _ fact: Fact) throws {
        guard try products.index(of: event.sku, load: store.product) == nil else {
            throw failure(fact, "product \(event.sku) is there already")
        }
        products.insert(
            ProductRow(
                sku: event.sku, name: event.name, price: event.price, isStocked: event.stocked,
                isOnSale: true, takesBackorders: event.backorder, createdAt: fact.recordedAt,
                updatedAt: fact.recordedAt, position: fact.position), at: event.sku)
    }

    private mutating func change(
        _ sku: SKU, _ fact: Fact, _ body: (inout ProductRow) -> Void
    ) throws {
        guard let index = try products.index(of: sku, load: store.product) else {
            throw failure(fact, "product \(sku) is unknown")
        }
        body(&products[index])
        products[index].updatedAt = fact.recordedAt
        products[index].position = fact.position
    }

    private func failure(_ fact: Fact, _ reason: String) -> ProjectionError {
        ProjectionError(
            model: .inventory, position: fact.position, type: fact.event.type, reason: reason)
    }

    // MARK: Stock

    private mutating func move(
        _ lines: [StockLine], _ part: EventPart, of order: OrderID, _ effect: StockEffect,
        at fact: Fact
    ) {
        var moved = StockMovements(
            position: fact.position, kind: effect.kind, order: order, isPartial: part.isPartial)
        moved.lines.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() where part.includes(line.sku.rawValue) {
            let line = StockMovements.Line(
                ordinal: Int64(index) + 1, sku: line.sku, location: line.location,
                quantity: Int64(line.quantity.rawValue))
            moved.lines.append(line)
            count(line, effect)
        }
        if !moved.lines.isEmpty { movements.append(moved) }
    }

    private mutating func move(
        _ sku: SKU, _ location: LocationID, _ quantity: Int64, _ part: EventPart,
        _ effect: StockEffect, at fact: Fact
    ) {
        let line = StockMovements.Line(
            ordinal: 1, sku: sku, location: location, quantity: quantity)
        movements.append(
            StockMovements(
                position: fact.position, kind: effect.kind, order: nil, isPartial: part.isPartial,
                lines: [line]))
        count(line, effect)
    }

    private mutating func count(_ line: StockMovements.Line, _ effect: StockEffect) {
        let key = StockKey(sku: line.sku, location: line.location)
        let index = stock.index(of: key, load: { StockChange(key: $0) })
        guard let index else { return }
        stock[index].onHand += effect.onHand * line.quantity
        stock[index].reserved += effect.reserved * line.quantity
    }
}

/// What one kind of event does to the two figures, per unit.
private struct StockEffect {
    var kind: StockMovements.Kind
    var onHand: Int64 = 0
    var reserved: Int64 = 0
}
