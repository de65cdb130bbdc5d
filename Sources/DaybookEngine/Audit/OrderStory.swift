public import DaybookCore
public import DaybookDecisions
import DaybookLog

/// What happened to one order: every event, who, why, when, by which command, and what it came to.
public struct OrderStory: Hashable, Sendable {
    public var orderID: OrderID
    public var orderNumber: UInt64
    public var userID: UserID
    public var currency: Currency
    /// Minor units of the currency.
    public var payable: Int64
    public var captured: Int64 = 0
    public var refunded: Int64 = 0
    public var unitsOrdered: Int64
    public var unitsShipped: Int64 = 0
    public var unitsReturned: Int64 = 0
    /// In the order of their positions.
    public var entries: [AuditEntry]

    /// `nil` when the log has no such order.
    init?(of order: OrderID, in reader: LogReader) throws {
        var question = AuditQuestion(tag: order.tag)
        question.limit = nil
        var entries: [AuditEntry] = []
        try AuditTrail(reader: reader).forEach(question) { entry in
            entries.append(entry)
            return true
        }
        let events = try reader.read(.tag(order.tag)).map { try Event($0, reader.upcasters) }
        let placed = events.lazy.compactMap { event -> OrderPlaced? in
            if case .orderPlaced(let placed) = event, placed.orderID == order {
                placed
            } else {
                nil
            }
        }.first
        guard let placed else { return nil }
        orderID = order
        orderNumber = placed.orderNumber
        userID = placed.userID
        currency = placed.currency
        payable = placed.payableMinor
        unitsOrdered = placed.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
        self.entries = entries
        for event in events { add(event) }
    }

    private mutating func add(_ event: Event) {
        switch event {
        case .paymentCaptured(let event): captured += event.amount.minor
        case .latePaymentReceived(let event): captured += event.actual.minor
        case .refundSucceeded(let event): refunded += event.amount.minor
        case .shipmentDispatched(let event):
            unitsShipped += event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
        case .returnReceived(let event):
            unitsReturned += event.lines.reduce(0) { $0 + Int64($1.received) }
        default: break
        }
    }
}
