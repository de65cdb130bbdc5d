public import DaybookCore
internal import DaybookDecisions

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
        call = row.name(3, of: PaymentRow.Call.self)
        since = Timestamp(row.instant(4))
        state = row.name(5, of: PaymentState.self)
    }
}
