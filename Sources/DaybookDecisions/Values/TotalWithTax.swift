/// The reference's `total_with_tax`: net × 1.1, exact and unrounded, as a ratio of minor units.
///
/// A net of 9.99 gives 10,989 / 10 minor units, which is 10.989.
public struct TotalWithTax: Hashable, Sendable {
    /// net × 11.
    public let numerator: Int128
    public let denominator: Int64 = 10
    public let currency: Currency

    public init(net: Money) {
        numerator = Int128(net.minor) * 11
        currency = net.currency
    }
}

extension TotalWithTax: CustomStringConvertible {
    /// The exact decimal, with one decimal more than the currency has: `10.989`.
    public var description: String {
        let decimals = currency.exponent + 1
        let magnitude = numerator.magnitude
        return if let small = UInt64(exactly: magnitude) {
            String(decimalOf: small, isNegative: numerator < 0, decimals: decimals)
        } else {
            String(decimalOf: magnitude, isNegative: numerator < 0, decimals: decimals)
        }
    }
}
