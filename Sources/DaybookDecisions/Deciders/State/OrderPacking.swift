import DaybookCore

/// Open orders as few bytes: what can be told from something else is left out.
///
/// Texts that come again and again are numbers, times and positions are differences, and the usual course of
/// an order (units kept as they were ordered, money taken as it was asked for) is a bit. A form for memory
/// and for snapshots of the same version; `OrderState.encode` is the one to compare states by.
///
/// ```
/// byte    bits of `Facts`
/// byte    bits of `Shape`
/// 10, 16  payment, if there is one: without the 48 bits that it shares with the order
/// 16      user
/// …       varints: number; currency; net, tax and payable; times; position; lines; what the bits announce
/// ```
struct OrderPacking: Sendable {
    var skus = Numbering<SKU>()
    var locations = Numbering<LocationID>()
    var currencies = Numbering<Currency>()

    struct Facts: OptionSet {
        let rawValue: UInt8
        static let isManual = Facts(rawValue: 1)
        static let isImported = Facts(rawValue: 2)
        static let isCancelled = Facts(rawValue: 4)
        static let isExpired = Facts(rawValue: 8)
        static let isProcessing = Facts(rawValue: 16)
        static let isConfirmationRequested = Facts(rawValue: 32)
        static let hasPayment = Facts(rawValue: 64)
        static let hasReturns = Facts(rawValue: 128)
    }

    struct Shape: OptionSet {
        let rawValue: UInt8
        /// Payable is net and tax.
        static let isSummed = Shape(rawValue: 1)
        static let expires = Shape(rawValue: 2)
        /// After whole seconds.
        static let expiresOnSecond = Shape(rawValue: 4)
        /// The payment begins with the same 48 bits as the order.
        static let sharesTime = Shape(rawValue: 8)
        /// Some line was sent or came back.
        static let hasMoved = Shape(rawValue: 16)
        /// Every line that is stocked is kept as it was ordered, all at one location.
        static let isKeptWhole = Shape(rawValue: 32)
        /// The payment is a message, for it is not of the usual course.
        static let hasPaymentMessage = Shape(rawValue: 64)
    }

    /// What stands in front: enough to find a payment.
    static func payment(of order: UInt128, in content: UnsafeRawBufferPointer) -> PaymentID? {
        var reader = WireReader(content)
        guard let facts = try? reader.byte(), let shape = try? reader.byte(),
            Facts(rawValue: facts).contains(.hasPayment)
        else { return nil }
        return try? reader.payment(
            of: order, sharesTime: Shape(rawValue: shape).contains(.sharesTime))
    }
}

// MARK: - Comparison

extension OrderPacking {
    /// Whether a number that both have given means the same text.
    func numbersAgree(with other: OrderPacking) -> Bool {
        skus.agrees(with: other.skus) && locations.agrees(with: other.locations)
            && currencies.agrees(with: other.currencies)
    }
}

// MARK: - Image

extension OrderPacking {
    /// Writes what the numbers stand for.
    func encodeImage(field number: Int, into writer: inout WireWriter) {
        writer.field(number) { writer in
            for sku in skus.values { writer.alwaysField(1, text: sku.rawValue) }
            for location in locations.values { writer.alwaysField(2, text: location.rawValue) }
            for currency in currencies.values { writer.alwaysField(3, text: currency.rawValue) }
        }
    }

    mutating func addImage(_ reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1:
                _ = skus.number(
                    of: try reader.checked(tag, SKU.init(rawValue:), of: try reader.text(tag)))
            case 2:
                _ = locations.number(
                    of: try reader.checked(
                        tag, LocationID.init(rawValue:), of: try reader.text(tag)))
            case 3:
                _ = currencies.number(
                    of: try reader.checked(tag, Currency.init(rawValue:), of: try reader.text(tag)))
            default: try reader.skip(tag)
            }
        }
    }
}

/// Texts by the order in which they first came; each spelling has a number of its own.
struct Numbering<Value: RawRepresentable<String> & Hashable & Sendable>: Sendable {
    private(set) var values: [Value] = []
    /// Of texts that are equal, the number of the first.
    private var numbers: [Value: UInt64] = [:]

    mutating func number(of value: Value) -> UInt64 {
        // Mostly there is one location and one currency.
        if let first = values.first, isSame(first, value) { return 0 }
        let equal = numbers[value]
        if let equal {
            if isSame(values[Int(equal)], value) { return equal }
            // Rare, so it is searched for.
            if let other = values.firstIndex(where: { isSame($0, value) }) { return UInt64(other) }
        }
        let number = UInt64(values.count)
        values.append(value)
        if equal == nil { numbers[value] = number }
        return number
    }

    func agrees(with other: Numbering) -> Bool {
        zip(values, other.values).allSatisfy(isSame)
    }

    private func isSame(_ left: Value, _ right: Value) -> Bool {
        left.rawValue.hasSameBytes(as: right.rawValue)
    }

    func value(_ number: UInt64) throws(WireError) -> Value {
        guard number < UInt64(values.count) else { throw .badValue(field: 0) }
        return values[Int(number)]
    }
}

extension UInt128 {
    /// What a UUIDv7 says of the time at which it was made.
    var microseconds: Int64 { Int64(truncatingIfNeeded: self >> 80) &* 1_000 }
}
