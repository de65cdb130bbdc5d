import DaybookCore
import DaybookDecisions

/// The questions answered the slow and obvious way, from the facts themselves: filter, count, sort.
/// Shares nothing with the projectors.
struct NaiveShop {
    struct Order {
        var placed: OrderPlaced
        var at: Instant
        var status: String
    }

    let orders: [Order]

    init(_ history: History) {
        let facts = history.batches.flatMap(\.facts)
        orders = facts.compactMap { fact in
            guard case .orderPlaced(let placed) = fact.event else { return nil }
            let own = facts.map(\.event).filter { NaiveShop.order(of: $0) == placed.orderID }
            return Order(
                placed: placed, at: fact.recordedAt,
                status: NaiveShop.status(of: placed, own))
        }
    }

    // MARK: Selectors

    func activeOrders(of user: UserID, limit: Int) -> [UInt64] {
        let active = orders.filter {
            $0.placed.userID == user && ["pending", "processing", "shipped"].contains($0.status)
        }
        let sorted = active.sorted { left, right in
            left.at != right.at
                ? left.at > right.at
                : left.placed.orderID.rawValue > right.placed.orderID.rawValue
        }
        return sorted.prefix(limit).map(\.placed.orderNumber)
    }

    func recentProducts(
        of user: UserID, limit: Int, statuses: [String]? = nil
    ) -> [String] {
        let mine = orders.filter {
            $0.placed.userID == user && (statuses?.contains($0.status) ?? true)
        }
        let skus = Set(mine.flatMap { $0.placed.lines.map(\.sku) })
        let rows = skus.map { sku -> (sku: SKU, last: Instant, text: String) in
            let holding = mine.filter { $0.placed.lines.contains { $0.sku == sku } }
            let lines = holding.flatMap { $0.placed.lines }.filter { $0.sku == sku }
            let last = holding.map(\.at).max() ?? History.dawn
            let units = lines.reduce(0) { $0 + Int($1.quantity.rawValue) }
            return (sku, last, "\(sku) \(last) \(lines.count) \(holding.count) \(units)")
        }
        let sorted = rows.sorted { left, right in
            left.last != right.last ? left.last > right.last : left.sku > right.sku
        }
        return sorted.prefix(limit).map(\.text)
    }

    // MARK: Status

    private static func order(of event: Event) -> OrderID? {
        switch event {
        case .orderPlaced(let event): event.orderID
        case .processingStarted(let event): event.orderID
        case .shipmentDispatched(let event): event.orderID
        case .orderCancelled(let event): event.orderID
        case .orderExpired(let event): event.orderID
        case .returnReceived(let event): event.orderID
        case .paymentRequested(let event): event.orderID
        case .paymentAuthorized(let event): event.orderID
        case .paymentCaptured(let event): event.orderID
        case .paymentDeclined(let event): event.orderID
        case .paymentOutcomeUnknown(let event): event.orderID
        default: nil
        }
    }

    /// The table of DOMAIN.md section 3.1, read from top to bottom.
    private static func status(of placed: OrderPlaced, _ events: [Event]) -> String {
        var shipped = 0
        var returned = 0
        var captured: Int64 = 0
        var isDeclined = false
        var isStarted = false
        for event in events {
            switch event {
            case .orderCancelled: return "cancelled"
            case .orderExpired: return "expired"
            case .processingStarted: isStarted = true
            case .shipmentDispatched(let event):
                shipped += event.lines.reduce(0) { $0 + Int($1.quantity.rawValue) }
            case .returnReceived(let event):
                returned += event.lines.reduce(0) { $0 + Int($1.received) }
            case .paymentCaptured(let event): captured += event.amount.minor
            case .paymentDeclined: isDeclined = true
            case .paymentRequested, .paymentAuthorized, .paymentOutcomeUnknown: isDeclined = false
            default: break
            }
        }
        let ordered = placed.lines.reduce(0) { $0 + Int($1.quantity.rawValue) }
        if shipped == ordered, returned == shipped { return "returned" }
        if shipped == ordered { return "shipped" }
        if isStarted || shipped > 0 { return "processing" }
        if isDeclined { return "payment_failed" }
        return captured >= placed.payableMinor ? "paid" : "pending"
    }
}
