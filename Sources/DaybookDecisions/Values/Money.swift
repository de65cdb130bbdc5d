/// An exact amount of one currency, in its minor unit; may be negative.
///
/// Arithmetic never traps, wraps or mixes currencies: it says `nil` where there is no exact answer.
public struct Money: Hashable, Sendable {
    /// Hundredths of a pound, whole yen, thousandths of a dinar: see ``Currency/exponent``.
    public let minor: Int64
    public let currency: Currency

    public init(minor: Int64, currency: Currency) {
        self.minor = minor
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(minor: 0, currency: currency) }
}

extension Money {
    /// The sum; `nil` when the currencies differ or the sum does not fit 64 bits.
    public func adding(_ other: Money) -> Money? {
        guard currency == other.currency else { return nil }
        let (sum, overflow) = minor.addingReportingOverflow(other.minor)
        return overflow ? nil : Money(minor: sum, currency: currency)
    }

    /// The difference; `nil` when the currencies differ or it does not fit 64 bits.
    public func subtracting(_ other: Money) -> Money? {
        guard currency == other.currency else { return nil }
        let (difference, overflow) = minor.subtractingReportingOverflow(other.minor)
        return overflow ? nil : Money(minor: difference, currency: currency)
    }

    /// The product with a whole number; `nil` when it does not fit 64 bits.
    public func multiplied(by factor: Int64) -> Money? {
        let (product, overflow) = minor.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Money(minor: product, currency: currency)
    }

    public func multiplied(by quantity: Quantity) -> Money? {
        multiplied(by: Int64(quantity.rawValue))
    }

    /// The tax on this net amount: rounded once, from a 128-bit product; `nil` when it does not fit.
    public func tax(at rate: BasisPoints, rounding: Rounding) -> Money? {
        rounding.tax(onNet: minor, at: rate).map { Money(minor: $0, currency: currency) }
    }
}
