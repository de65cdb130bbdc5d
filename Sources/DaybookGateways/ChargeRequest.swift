public import DaybookCore
public import DaybookDecisions

/// What a payment provider is asked to take or to reserve.
public struct ChargeRequest: Hashable, Sendable {
    /// The provider acts on a key once: order id and attempt (D-04).
    public var key: String
    /// Exact, in the currency's minor unit (S-059).
    public var amount: Money
    public var captureMode: CaptureMode
    /// The provider's customer is named like ours.
    public var customer: UserID
    /// The caller's clock reading; the provider has none of its own.
    public var at: Instant

    public init(
        key: String, amount: Money, captureMode: CaptureMode, customer: UserID, at: Instant
    ) {
        self.key = key
        self.amount = amount
        self.captureMode = captureMode
        self.customer = customer
        self.at = at
    }
}
