public import DaybookDecisions

/// An amount of money as results show it: exact minor units, the currency, and a text for people.
public struct Amount: Hashable, Sendable, Codable {
    public let minor: Int64
    /// ISO 4217.
    public let currency: String
    /// With the decimals of the currency: `19.98`.
    public let text: String

    public init(_ money: Money) {
        self.init(
            minor: money.minor, currency: money.currency.rawValue, text: money.formatted)
    }

    /// An amount in a currency that this program may not know: then the text is in minor units.
    init(minor: Int64, currency: String) { self = Unit(currency).amount(minor) }

    /// A currency as a row names it, looked up once for all amounts of the row.
    struct Unit {
        let name: String
        let currency: Currency?

        init(_ name: String) {
            self.name = name
            currency = Currency(rawValue: name)
        }

        func amount(_ minor: Int64) -> Amount {
            let money = currency.map { Money(minor: minor, currency: $0) }
            return Amount(minor: minor, currency: name, text: money?.formatted ?? String(minor))
        }
    }

    private init(minor: Int64, currency: String, text: String) {
        self.minor = minor
        self.currency = currency
        self.text = text
    }

    /// The amount for calculating; `nil` in a currency that this program does not know.
    public var money: Money? {
        Currency(rawValue: currency).map { Money(minor: minor, currency: $0) }
    }
}
