public import DaybookCore
public import DaybookDecisions

/// What a payment provider answered.
///
/// One type for every operation, because ``PaymentGateway/lookup(key:)`` answers for all of them. An
/// answer that does not fit its operation is to be treated as `unknown`: garbage is not a failure.
public enum GatewayAnswer: Hashable, Sendable {
    /// Money is reserved until it is captured, voided, or `expiresAt` has passed.
    case authorized(reference: String, amount: Money, expiresAt: Instant?)
    /// Money is taken. The reference names the charge, also for a capture of a reservation.
    case captured(reference: String, amount: Money)
    /// The reservation is gone.
    case voided(reference: String)
    /// Money is given back. The reference names the refund.
    case refunded(reference: String, amount: Money)
    /// The provider's own no: the only payment failure. Nothing happened.
    case declined(code: String, reason: String)
    /// Nobody knows whether it happened.
    case unknown(cause: String)
}

/// What a payment provider knows about a key.
public enum GatewayLookup: Hashable, Sendable {
    /// No request with this key ever arrived: it is safe to send it (again) with the same key.
    case nothing
    /// The request arrived; this became of it.
    case answered(GatewayAnswer)
    /// The provider could not be asked.
    case unknown(cause: String)
}
