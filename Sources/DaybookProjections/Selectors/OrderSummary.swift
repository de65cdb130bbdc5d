public import DaybookCore
public import DaybookDecisions

/// An order without its lines.
public struct OrderSummary: Hashable, Sendable, Codable {
    public let orderID: OrderID
    /// For people: 1, 2, 3 …
    public let orderNumber: UInt64
    public let userID: UserID
    /// One of the words of ``OrderStatus``.
    public let status: String
    public let paymentState: String
    public let fulfilmentState: String
    public let closure: String
    /// The number of lines, not of units (S-104).
    public let itemCount: Int
    public let unitCount: Int
    public let net: Amount
    public let tax: Amount
    /// What is charged.
    public let payable: Amount
    /// The reference's figure: net × 1.1, exact; not what is charged.
    public let totalWithTax: ExactTotal
    public let captured: Amount
    public let refunded: Amount
    public let paymentID: PaymentID?
    /// The provider's name for the payment. The reference calls it `payment_id` where an order is
    /// made and `payment_intent_id` where it is completed (S-003).
    public let paymentReference: String?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
    public let expiresAt: Timestamp?
    public let closedReason: String?
    /// `imported` when it was taken elsewhere.
    public let origin: String
    public let shippingAddress: SealedField?
    /// The last event that changed the order.
    public let lastPosition: LogPosition

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case orderNumber = "order_number"
        case userID = "user_id"
        case status
        case paymentState = "payment_state"
        case fulfilmentState = "fulfilment_state"
        case closure
        case itemCount = "item_count"
        case unitCount = "unit_count"
        case net, tax, payable
        case totalWithTax = "total_with_tax"
        case captured, refunded
        case paymentID = "payment_id"
        case paymentReference = "payment_reference"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case expiresAt = "expires_at"
        case closedReason = "closed_reason"
        case origin
        case shippingAddress = "shipping_address"
        case lastPosition = "last_position"
    }

    /// The status as a value.
    public var orderStatus: OrderStatus? { OrderStatus(rawValue: status) }

    /// The place behind this order in a list from newest to oldest.
    public var cursor: OrderCursor { OrderCursor(createdAt: createdAt.instant, orderID: orderID) }
}

extension OrderSummary {
    /// Of `stored_orders`.
    static let columns = """
        order_id, order_number, user_id, status, payment_state, fulfilment_state, closure,
        line_count, unit_count, currency, net_minor, tax_minor, \(StoredOrderSQL.payable),
        \(StoredOrderSQL.captured), refunded_minor, payment_id_end, payment_reference, created_at,
        \(StoredOrderSQL.updatedAt), \(StoredOrderSQL.expiresAt),
        closed_reason, shipping_address, shipping_address_key, position, origin
        """
    /// How many ``columns`` there are.
    static let columnCount: Int32 = 25
    static let createdAtColumn: Int32 = 17

    /// Reads ``columns`` in their order.
    init(_ row: RowStatement) {
        self.init(row, in: OrderSummary.unit(of: row))
    }

    /// The currency of the amounts among ``columns``.
    static func unit(of row: RowStatement) -> Amount.Unit { Amount.Unit(row.text(9)) }

    /// - Parameter unit: see ``unit(of:)``.
    init(_ row: RowStatement, in unit: Amount.Unit) {
        func amount(_ column: Int32) -> Amount { unit.amount(row.integer(column)) }
        let net = amount(10)
        let id = OrderID(rawValue: row.identifier(0))
        self.init(
            orderID: id,
            orderNumber: UInt64(bitPattern: row.integer(1)),
            userID: UserID(rawValue: row.identifier(2)),
            status: row.name(3, of: OrderStatus.self),
            paymentState: row.name(4, of: PaymentState.self),
            fulfilmentState: row.name(5, of: FulfilmentState.self),
            closure: row.name(6, of: Closure.self),
            itemCount: Int(row.integer(7)), unitCount: Int(row.integer(8)), net: net,
            tax: amount(11), payable: amount(12), totalWithTax: ExactTotal(net: net, in: unit),
            captured: amount(13), refunded: amount(14),
            paymentID: row.optionalIdentifier(15, behind: id.rawValue).map(
                PaymentID.init(rawValue:)),
            paymentReference: row.paymentReference(16, of: id),
            createdAt: Timestamp(row.instant(OrderSummary.createdAtColumn)),
            updatedAt: Timestamp(row.instant(18)),
            expiresAt: row.optionalInstant(19).map(Timestamp.init),
            closedReason: row.optionalText(20), origin: row.name(24, of: OrderOrigin.self),
            shippingAddress: row.optionalBytes(21).map {
                SealedField(box: $0, keyVersion: UInt32(truncatingIfNeeded: row.integer(22)))
            },
            lastPosition: row.position(23))
    }
}
