import DaybookCore
import DaybookDecisions

/// What there is, what is kept for whom, and where goods went.
struct StockBook: AuditBook {
    private struct Place: Hashable {
        var line: Int32
        var location: LocationID
    }

    private struct Order {
        var lines: [OrderLine]
        /// Units that are kept, by line and location.
        var kept: [Place: Int64] = [:]
        var shipped: [Int64]
        var returned: [Int64]
        /// Units of returns that were announced and did not come in.
        var announced: [ReturnID: [LineQuantity]] = [:]
        /// Given up, or its payment declined: nothing is kept for it.
        var isGivenUp = false
    }

    private var onHand: [SKU: Int64] = [:]
    private var onSale: [SKU: Bool] = [:]
    private var unstocked: Set<SKU> = []
    private var orders: [OrderID: Order] = [:]
    private var position: UInt64 = 0
    private var findings: [Finding] = []

    init() {}

    mutating func follow(_ step: AuditStep) -> [Finding] {
        findings = violations(in: step.after)
        judgePlacement(step)
        for fact in step.facts {
            position += 1
            if fact.position.rawValue != position {
                note("P-24", "position \(fact.position) follows \(position - 1)")
            }
            take(fact.event, step)
        }
        compare(with: step.after)
        return findings
    }

    private mutating func note(_ property: String, _ text: String) {
        findings.append(Finding(property, text))
    }

    // MARK: Placing

    private func reserved(_ sku: SKU) -> Int64 {
        orders.values.reduce(0) { sum, order in
            order.kept.reduce(sum) { sum, place in
                order.lines[Int(place.key.line) - 1].sku == sku ? sum + place.value : sum
            }
        }
    }

    /// Whether there is enough of everything, as one sum per product.
    private func canServe(_ items: [OrderItem]) -> Bool {
        var sums: [SKU: Int64] = [:]
        for item in items {
            guard let sku = SKU(rawValue: item.sku), onSale[sku] == true else { return false }
            sums[sku, default: 0] += Int64(item.quantity)
        }
        return sums.allSatisfy { sku, wanted in
            unstocked.contains(sku) || wanted <= onHand[sku, default: 0] - reserved(sku)
        }
    }

    private mutating func judgePlacement(_ step: AuditStep) {
        guard case .createOrder(let placement) = step.command else { return }
        let fits = canServe(placement.items)
        if step.rejection == nil, !fits {
            note("P-01", "accepted although there is not enough: \(placement.items)")
        }
        if case .insufficientStock = step.rejection, fits {
            note("P-02", "refused although there is enough: \(placement.items)")
        }
    }

    // MARK: Events

    private mutating func take(_ event: Event, _ step: AuditStep) {
        switch event {
        case .productAdded(let event):
            onSale[event.sku] = true
            onHand[event.sku] = 0
            if !event.stocked { unstocked.insert(event.sku) }
        case .productDiscontinued(let event): onSale[event.sku] = false
        case .stockReceived(let event): onHand[event.sku, default: 0] += event.quantity
        case .stockAdjusted(let event): onHand[event.sku, default: 0] += event.delta
        case .orderPlaced(let event):
            if event.orderNumber != UInt64(orders.count + 1) {
                note("P-24", "order number \(event.orderNumber) is not the next")
            }
            let none = event.lines.map { _ in Int64(0) }
            orders[event.orderID] = Order(lines: event.lines, shipped: none, returned: none)
        case .stockReserved(let event):
            for line in event.lines { move(line, of: event.orderID, by: 1) }
        case .stockReleased(let event):
            for line in event.lines { move(line, of: event.orderID, by: -1) }
        case .stockShipped(let event):
            for line in event.lines { move(line, of: event.orderID, by: -1) }
        case .orderCancelled(let event): orders[event.orderID]?.isGivenUp = true
        case .orderExpired(let event): orders[event.orderID]?.isGivenUp = true
        case .paymentDeclined(let event) where event.captureID == nil:
            orders[event.orderID]?.isGivenUp = true
        case .shipmentDispatched(let event): ship(event)
        case .returnRequested(let event): announce(event)
        case .returnReceived(let event): receive(event, step)
        default: break
        }
    }

    private mutating func move(_ line: StockLine, of order: OrderID, by sign: Int64) {
        let place = Place(line: line.lineNumber, location: line.location)
        let left = orders[order]?.kept[place] ?? 0
        let after = left + sign * Int64(line.quantity.rawValue)
        if after < 0 {
            note(
                "P-06",
                "\(order) line \(line.lineNumber) moves \(line.quantity) at \(line.location), where "
                    + "\(left) are kept")
        }
        orders[order]?.kept[place] = after
    }

    private mutating func ship(_ event: ShipmentDispatched) {
        for line in event.lines {
            let index = Int(line.lineNumber) - 1
            guard var order = orders[event.orderID], order.lines.indices.contains(index) else {
                return note("P-06", "\(event.orderID) sends a line that it does not have")
            }
            order.shipped[index] += Int64(line.quantity.rawValue)
            if order.shipped[index] > Int64(order.lines[index].quantity.rawValue) {
                note("P-06", "\(event.orderID) line \(index + 1): more is sent than was ordered")
            }
            if !order.lines[index].unstocked {
                onHand[order.lines[index].sku, default: 0] -= Int64(line.quantity.rawValue)
            }
            orders[event.orderID] = order
        }
    }

    private mutating func announce(_ event: ReturnRequested) {
        orders[event.orderID]?.announced[event.returnID] = event.lines
        checkReturns(of: event.orderID)
    }

    private mutating func receive(_ event: ReturnReceived, _ step: AuditStep) {
        guard var order = orders[event.orderID] else { return }
        order.announced[event.returnID] = nil
        var restocks = false
        if case .receiveReturn(let command) = step.command { restocks = command.restock }
        for line in event.lines {
            let index = Int(line.lineNumber) - 1
            guard order.lines.indices.contains(index) else { continue }
            order.returned[index] += Int64(line.received)
            if restocks, !order.lines[index].unstocked {
                onHand[order.lines[index].sku, default: 0] += Int64(line.received - line.damaged)
            }
        }
        orders[event.orderID] = order
        checkReturns(of: event.orderID)
    }

    private mutating func checkReturns(of id: OrderID) {
        guard let order = orders[id] else { return }
        for index in order.lines.indices {
            let announced = order.announced.values.joined().reduce(Int64(0)) { sum, line in
                Int(line.lineNumber) == index + 1 ? sum + Int64(line.quantity.rawValue) : sum
            }
            if order.returned[index] + announced > order.shipped[index] {
                note(
                    "P-06",
                    "\(id) line \(index + 1): \(order.returned[index]) came back and \(announced) "
                        + "are announced of \(order.shipped[index])")
            }
        }
    }

    // MARK: Figures

    private mutating func compare(with state: Shop) {
        for sku in onHand.keys.sorted() {
            guard let product = state.product(sku) else {
                note("P-05", "\(sku) is gone")
                continue
            }
            let (there, kept) = (onHand[sku] ?? 0, reserved(sku))
            if product.onHand != there {
                note("P-05", "\(sku): on hand \(product.onHand), but \(there) by the movements")
            }
            if product.reserved != kept {
                note("P-03", "\(sku): reserved \(product.reserved), but \(kept) by the movements")
            }
            if product.onHand < 0 || product.reserved < 0 || product.available < 0 {
                note("P-01", "\(sku): on hand \(product.onHand), reserved \(product.reserved)")
            }
        }
        for (id, order) in orders.sorted(by: { $0.key < $1.key }) { checkKept(id, order) }
    }

    private mutating func checkKept(_ id: OrderID, _ order: Order) {
        for (index, line) in order.lines.enumerated() where !line.unstocked {
            let kept = order.kept.reduce(Int64(0)) { sum, place in
                place.key.line == Int32(index + 1) ? sum + place.value : sum
            }
            if order.isGivenUp {
                if kept != 0 { note("P-07", "\(id) was given up and keeps \(kept) of \(line.sku)") }
            } else if kept != Int64(line.quantity.rawValue) - order.shipped[index] {
                note(
                    "P-04",
                    "\(id) line \(index + 1): keeps \(kept) of \(line.quantity), "
                        + "\(order.shipped[index]) sent")
            }
        }
    }
}
