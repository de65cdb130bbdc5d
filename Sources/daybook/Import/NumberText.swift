/// Reads the numbers of an order history from their text, exactly.
enum NumberText {
    /// A whole number with an optional minus; `nil` for anything else and beyond 64 bits.
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var digits = bytes[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard let value = magnitude(digits) else { return nil }
        return isNegative ? -value : value
    }

    /// A price as decimal text in major units, read as whole pennies.
    ///
    /// `7.95` is 795 and `0.0` is 0. No binary fraction is involved, so nothing is rounded: a price
    /// with a fraction of a penny has no value here.
    static func pennies(_ bytes: UnsafeRawBufferPointer) -> Result<Int64, RejectReason> {
        var rest = bytes[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let point = rest.firstIndex(of: UInt8(ascii: "."))
        guard let pounds = magnitude(rest[..<(point ?? rest.endIndex)]) else {
            return .failure(.unreadablePrice)
        }
        var pennies: Int64 = 0
        if let point {
            let fraction = rest[(point + 1)...]
            guard !fraction.isEmpty, fraction.allSatisfy(isDigit) else {
                return .failure(.unreadablePrice)
            }
            guard fraction.dropFirst(2).allSatisfy({ $0 == UInt8(ascii: "0") }) else {
                return .failure(.fractionOfAPenny)
            }
            for index in 0..<2 {
                let digit = index < fraction.count ? fraction[fraction.startIndex + index] : zero
                pennies = pennies * 10 + Int64(digit - zero)
            }
        }
        let (hundredfold, overflow) = pounds.multipliedReportingOverflow(by: 100)
        let (total, overflowed) = hundredfold.addingReportingOverflow(pennies)
        guard !overflow, !overflowed, total <= priceLimit else { return .failure(.priceTooLarge) }
        return .success(isNegative ? -total : total)
    }

    /// Minor units; with it no order line can overflow. The domain's own limit is lower.
    static let priceLimit: Int64 = 10_000_000_000_000

    private static let zero = UInt8(ascii: "0")

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= zero && byte <= UInt8(ascii: "9")
    }

    /// One or more digits.
    private static func magnitude(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard isDigit(byte) else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = tenfold.addingReportingOverflow(Int64(byte - zero))
            guard !overflow, !overflowed else { return nil }
            value = sum
        }
        return value
    }
}
