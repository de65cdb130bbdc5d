extension Money {
    /// The amount without its currency, with as many decimals as the currency has: `12.34`, `-0.05`,
    /// `1250` (JPY).
    public var formatted: String {
        String(decimalOf: minor.magnitude, isNegative: minor < 0, decimals: currency.exponent)
    }

    /// Reads a decimal amount: an optional sign, digits, and at most as many decimals as the currency
    /// has. Never rounds: `nil` for excess decimals, for grouping marks and exponents, and for amounts
    /// beyond 64 bits.
    public init?(text: some StringProtocol, currency: Currency) {
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let point = rest.firstIndex(of: UInt8(ascii: ".")) else {
            self.init(
                whole: rest, decimals: rest[rest.endIndex...], isNegative: isNegative,
                currency: currency)
            return
        }
        let decimals = rest[rest.index(after: point)...]
        guard !decimals.isEmpty else { return nil }
        self.init(
            whole: rest[..<point], decimals: decimals, isNegative: isNegative, currency: currency)
    }

    private init?(
        whole: Substring.UTF8View, decimals: Substring.UTF8View, isNegative: Bool,
        currency: Currency
    ) {
        guard !whole.isEmpty, decimals.count <= currency.exponent else { return nil }
        var magnitude: Int64 = 0
        func append(_ digit: Int64) -> Bool {
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            // Counting downwards for negative amounts, so that the smallest one can be read.
            let (sum, overflowed) = tens.addingReportingOverflow(isNegative ? -digit : digit)
            magnitude = sum
            return !overflow && !overflowed
        }
        for part in [whole, decimals] {
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte),
                    append(Int64(byte - UInt8(ascii: "0")))
                else { return nil }
            }
        }
        for _ in decimals.count..<currency.exponent {
            guard append(0) else { return nil }
        }
        self.init(minor: magnitude, currency: currency)
    }
}

extension Money: CustomStringConvertible {
    /// For people: `12.34 GBP`.
    public var description: String { "\(formatted) \(currency)" }
}

extension String {
    /// A decimal of which only the digits are given: 5 with two decimals is `0.05`.
    ///
    /// Without a text in between, since one order shows some twenty amounts.
    init(decimalOf magnitude: some FixedWidthInteger, isNegative: Bool, decimals: Int) {
        var digitCount = 1
        var rest = magnitude / 10
        while rest > 0 {
            digitCount += 1
            rest /= 10
        }
        digitCount = Swift.max(digitCount, decimals + 1)
        let byteCount = digitCount + (decimals > 0 ? 1 : 0) + (isNegative ? 1 : 0)
        self = String(unsafeUninitializedCapacity: byteCount) { bytes in
            var rest = magnitude
            var place = byteCount
            for index in 0..<digitCount {
                if index == decimals, index > 0 {
                    place -= 1
                    bytes[place] = UInt8(ascii: ".")
                }
                place -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                bytes[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            }
            if isNegative { bytes[0] = UInt8(ascii: "-") }
            return byteCount
        }
    }
}
