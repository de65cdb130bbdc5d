public import DaybookCore
internal import DaybookDecisions

/// One payment of an order.
public struct PaymentView: Hashable, Sendable, Codable {
    public let paymentID: PaymentID
    public let attempt: Int
    public let state: String
    /// How far the charge has come.
    public let charge: String
    public let captureMode: String
    public let amount: Amount
    public let authorized: Amount
    public let captured: Amount
    /// Money that is here without being owed: too late, or a wrong amount.
    public let stray: Amount
    public let refunded: Amount
    /// A person must look: the provider's figures are not ours.
    public let held: Bool
    public let reference: String?
    public let failureCode: String?
    public let failureReason: String?
    /// `charge`, `capture` or `void` while such a call has no recorded outcome.
    public let inFlight: String?
    public let inFlightSince: Timestamp?
    public let authorizationExpiresAt: Timestamp?
    public let requestedAt: Timestamp
    public let updatedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case paymentID = "payment_id"
        case attempt, state, charge
        case captureMode = "capture_mode"
        case amount, authorized, captured, stray, refunded, held, reference
        case failureCode = "failure_code"
        case failureReason = "failure_reason"
        case inFlight = "in_flight"
        case inFlightSince = "in_flight_since"
        case authorizationExpiresAt = "authorization_expires_at"
        case requestedAt = "requested_at"
        case updatedAt = "updated_at"
    }

    init(_ row: PaymentRow) {
        let unit = Amount.Unit(row.currency)
        paymentID = row.id
        attempt = Int(row.attempt)
        state = row.state.rawValue
        charge = row.charge.rawValue
        captureMode = row.captureMode.name
        self.amount = unit.amount(row.amount)
        authorized = unit.amount(row.authorized)
        captured = unit.amount(row.captured)
        stray = unit.amount(row.stray)
        refunded = unit.amount(row.refunded)
        held = row.isHeld
        reference = row.reference
        failureCode = row.failureCode
        failureReason = row.failureReason
        inFlight = row.inFlight?.call.rawValue
        inFlightSince = (row.inFlight?.since).map(Timestamp.init)
        authorizationExpiresAt = row.authorizationExpiresAt.map(Timestamp.init)
        requestedAt = Timestamp(row.requestedAt)
        updatedAt = Timestamp(row.updatedAt)
    }
}
