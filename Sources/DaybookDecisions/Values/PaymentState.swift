/// What happened to the money of an order.
public enum PaymentState: String, Hashable, Sendable, CaseIterable {
    /// Nothing is to be paid.
    case none
    case pending
    case requiresAction = "requires_action"
    /// Nobody knows whether a charge or capture took effect, or the provider moved a wrong amount.
    case unknown
    case authorized
    case partiallyCaptured = "partially_captured"
    case captured
    case partiallyRefunded = "partially_refunded"
    case refunded
    case voided
    case declined
    case authorizationExpired = "authorization_expired"

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String { rawValue }
}
