public import DaybookCore

/// Money going back from one payment.
public struct RefundView: Hashable, Sendable, Codable {
    public let refundID: RefundID
    public let paymentID: PaymentID
    /// `requested`, `succeeded` or `failed`.
    public let state: String
    public let amount: Amount
    public let reason: String
    public let reference: String?
    public let failureCode: String?
    public let requestedAt: Timestamp
    public let updatedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case paymentID = "payment_id"
        case state, amount, reason, reference
        case failureCode = "failure_code"
        case requestedAt = "requested_at"
        case updatedAt = "updated_at"
    }

    init(_ row: RefundRow) {
        refundID = row.id
        paymentID = row.payment
        state = row.state.rawValue
        amount = Amount(minor: row.amount, currency: row.currency)
        reason = row.reason
        reference = row.reference
        failureCode = row.failureCode
        requestedAt = Timestamp(row.requestedAt)
        updatedAt = Timestamp(row.updatedAt)
    }
}
