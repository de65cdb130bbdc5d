public import DaybookDecisions

/// What the embedded bank has moved in one currency, in minor units; exact.
public struct BankTotals: Hashable, Sendable {
    public var currency: Currency
    /// Reserved so far, by charges with manual capture; captures and voids do not lower it.
    public var authorized: Int128 = 0
    public var captured: Int128 = 0
    public var refunded: Int128 = 0

    public init(
        currency: Currency, authorized: Int128 = 0, captured: Int128 = 0, refunded: Int128 = 0
    ) {
        self.currency = currency
        self.authorized = authorized
        self.captured = captured
        self.refunded = refunded
    }
}
