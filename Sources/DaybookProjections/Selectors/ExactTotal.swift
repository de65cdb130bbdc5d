public import DaybookDecisions

/// The reference's `total_with_tax`: net × 1.1 minor units, exact and unrounded (S-105).
public struct ExactTotal: Hashable, Sendable {
    /// net × 11, in minor units.
    public let numerator: Int128
    /// Always 10.
    public let denominator: Int64
    /// ISO 4217.
    public let currency: String
    /// The exact decimal: `10.989`.
    public let text: String

    public init(_ total: TotalWithTax) {
        self.init(
            numerator: total.numerator, denominator: total.denominator,
            currency: total.currency.rawValue, text: total.description)
    }

    /// - Parameter unit: the currency of `net`.
    init(net: Amount, in unit: Amount.Unit) {
        if let currency = unit.currency {
            self.init(TotalWithTax(net: Money(minor: net.minor, currency: currency)))
        } else {
            let numerator = Int128(net.minor) * 11
            self.init(
                numerator: numerator, denominator: 10, currency: net.currency,
                text: "\(numerator)/10")
        }
    }

    private init(numerator: Int128, denominator: Int64, currency: String, text: String) {
        self.numerator = numerator
        self.denominator = denominator
        self.currency = currency
        self.text = text
    }
}

extension ExactTotal: Codable {
    private enum CodingKeys: String, CodingKey { case numerator, denominator, currency, text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let number = try? container.decode(Int64.self, forKey: .numerator) {
            numerator = Int128(number)
        } else {
            let digits = try container.decode(String.self, forKey: .numerator)
            guard let number = Int128(digits) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .numerator, in: container, debugDescription: "'\(digits)' is no number")
            }
            numerator = number
        }
        denominator = try container.decode(Int64.self, forKey: .denominator)
        currency = try container.decode(String.self, forKey: .currency)
        text = try container.decode(String.self, forKey: .text)
    }

    /// The numerator is a JSON number, or beyond 64 bits a text of digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let number = Int64(exactly: numerator) {
            try container.encode(number, forKey: .numerator)
        } else {
            try container.encode(String(numerator), forKey: .numerator)
        }
        try container.encode(denominator, forKey: .denominator)
        try container.encode(currency, forKey: .currency)
        try container.encode(text, forKey: .text)
    }
}
