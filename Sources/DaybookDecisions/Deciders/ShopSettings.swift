/// The rules of the shop that its owner chooses.
public struct ShopSettings: Hashable, Sendable {
    /// Tax on every line; 0 charges the reference's total.
    public var taxRate: BasisPoints
    public var rounding: Rounding
    /// Seconds from placing to expiry of an unpaid order; `nil`: it never expires.
    public var paymentDeadline: Int64?
    /// A real wholesale import has invoices of some 1,100 lines.
    public var maximumLines: Int
    /// Per line.
    public var maximumQuantity: Int
    /// Highest unit price, in minor units.
    public var maximumPriceMinor: Int64
    /// Whether customers must have proven their address before they order.
    public var requireVerifiedEmail: Bool
    /// Whether a policy starts processing as soon as an order is paid.
    public var startProcessingWhenPaid: Bool
    public var passwordPolicy: PasswordPolicy
    /// Seconds that a verification link is good for, the last instant included.
    public var verificationLifetime: Int64
    /// Seconds after which an address that was never verified may be registered anew (D-38).
    public var unverifiedClaimLifetime: Int64
    public var resendsPerHour: Int
    public var resendsPerDay: Int

    public init(
        taxRate: BasisPoints = .zero, rounding: Rounding = .halfUp,
        paymentDeadline: Int64? = 86_400, maximumLines: Int = 1_200,
        maximumQuantity: Int = 100_000, maximumPriceMinor: Int64 = 1_000_000_000_000,
        requireVerifiedEmail: Bool = true, startProcessingWhenPaid: Bool = true,
        passwordPolicy: PasswordPolicy = PasswordPolicy(), verificationLifetime: Int64 = 86_400,
        unverifiedClaimLifetime: Int64 = 7 * 86_400, resendsPerHour: Int = 3,
        resendsPerDay: Int = 10
    ) {
        self.taxRate = taxRate
        self.rounding = rounding
        self.paymentDeadline = paymentDeadline
        self.maximumLines = maximumLines
        self.maximumQuantity = maximumQuantity
        self.maximumPriceMinor = maximumPriceMinor
        self.requireVerifiedEmail = requireVerifiedEmail
        self.startProcessingWhenPaid = startProcessingWhenPaid
        self.passwordPolicy = passwordPolicy
        self.verificationLifetime = verificationLifetime
        self.unverifiedClaimLifetime = unverifiedClaimLifetime
        self.resendsPerHour = resendsPerHour
        self.resendsPerDay = resendsPerDay
    }
}
