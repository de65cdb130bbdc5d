public import DaybookCore

/// A call to the provider whose outcome is not recorded.
public struct PaymentInFlight: Hashable, Sendable, Codable {
    public let paymentID: PaymentID
    public let orderID: OrderID
    public let attempt: Int
    /// `charge`, `capture` or `void`.
    public let call: String
    public let since: Timestamp
    /// The payment's state; `unknown` when the provider must be asked.
    public let state: String

    enum CodingKeys: String, CodingKey {
        case paymentID = "payment_id"
        case orderID = "order_id"
        case attempt, call, since, state
    }

    init(_ row: RowStatement) {
        paymentID = PaymentID(rawValue: row.identifier(0))
        orderID = OrderID(rawValue: row.identifier(1))
        attempt = Int(row.integer(2))
        call = row.text(3)
        since = Timestamp(row.instant(4))
        state = row.text(5)
    }
}
