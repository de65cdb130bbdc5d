/// A currency of ISO 4217.
///
/// Only codes in circulation with an exponent of 0, 2 or 3 exist; any other text is refused. The
/// value takes four bytes and compares as a number.
public struct Currency: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The three letters as digits of base 26.
    private let index: UInt16

    /// Three upper-case letters; `nil` for a code that ISO 4217 does not list.
    public init?(rawValue: String) {
        guard let index = Currency.index(of: rawValue.utf8),
            Currency.exponents[Int(index)] != Currency.unknown
        else { return nil }
        self.index = index
    }

    /// Reads the bytes of the code, as they are stored.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard let index = Currency.index(of: bytes),
            Currency.exponents[Int(index)] != Currency.unknown
        else { return nil }
        self.index = index
    }

    public init?(_ text: some StringProtocol) {
        self.init(rawValue: String(text))
    }

    /// Three upper-case letters.
    public var rawValue: String {
        String(unsafeUninitializedCapacity: 3) { letters in
            letters[0] = UInt8(ascii: "A") + UInt8(index / 676)
            letters[1] = UInt8(ascii: "A") + UInt8(index / 26 % 26)
            letters[2] = UInt8(ascii: "A") + UInt8(index % 26)
            return 3
        }
    }

    /// How many decimal digits the minor unit is below the unit: 0, 2 or 3.
    public var exponent: Int { Int(Currency.exponents[Int(index)]) }

    // Without these, the library would compare and hash the text, as it does for raw values.
    public static func == (left: Currency, right: Currency) -> Bool { left.index == right.index }
    public static func != (left: Currency, right: Currency) -> Bool { left.index != right.index }
    public func hash(into hasher: inout Hasher) { hasher.combine(index) }
    public static func < (left: Currency, right: Currency) -> Bool { left.index < right.index }
    public var description: String { rawValue }
}

extension Currency {
    private static let unknown: UInt8 = 255

    /// The exponent by index, so that a check is one load.
    private static let exponents: [UInt8] = {
        var table = [UInt8](repeating: unknown, count: 26 * 26 * 26)
        for (exponent, codes) in codesByExponent {
            for code in codes.split(separator: " ") {
                guard let index = index(of: code.utf8) else { continue }
                table[Int(index)] = exponent
            }
        }
        return table
    }()

    private static func index(of letters: some Collection<UInt8>) -> UInt16? {
        guard letters.count == 3 else { return nil }
        var index: UInt16 = 0
        for letter in letters {
            guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) else { return nil }
            index = index * 26 + UInt16(letter - UInt8(ascii: "A"))
        }
        return index
    }

    /// Source: ISO 4217 list one, as published by SIX; funds, metals and test codes left out, and
    /// with them CLF and UYW, whose exponent is 4.
    private static let codesByExponent: [(UInt8, String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (
            2,
            """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP \
            BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
            GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT \
            LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
            NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
            SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED \
            VES WST XCD XCG YER ZAR ZMW ZWG
            """
        ),
    ]
}
