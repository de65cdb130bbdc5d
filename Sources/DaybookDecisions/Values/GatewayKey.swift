public import DaybookCore

/// The key under which the gateway is asked to do one thing once.
///
/// It is derived from the log, so a call that is repeated after a crash carries the same key, and it
/// begins with the order's id, so a message that quotes it leads back to the order:
/// `ord_…/1` (charge, attempt 1), `ord_…/cap_…`, `ord_…/void`, `ord_…/ref_…`.
public enum GatewayKey: Hashable, Sendable {
    case charge(OrderID, attempt: Int32)
    case capture(OrderID, CaptureID)
    case void(OrderID)
    case refund(OrderID, RefundID)

    public var order: OrderID {
        switch self {
        case .charge(let order, _), .capture(let order, _), .void(let order), .refund(let order, _):
            order
        }
    }
}

extension GatewayKey: CustomStringConvertible {
    /// The key itself.
    public var description: String {
        switch self {
        case .charge(let order, let attempt):
            Base32.text(
                of: order.rawValue, behind: OrderID.prefix, before: "/" + String(attempt))
        case .capture(let order, let capture): "\(order)/\(capture)"
        case .void(let order): "\(order)/void"
        case .refund(let order, let refund): "\(order)/\(refund)"
        }
    }

    /// Reads what `description` writes; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let separator = text.firstIndex(of: "/"), let order = OrderID(text[..<separator])
        else { return nil }
        let rest = text[text.index(after: separator)...]
        if rest == "void" {
            self = .void(order)
        } else if let capture = CaptureID(rest) {
            self = .capture(order, capture)
        } else if let refund = RefundID(rest) {
            self = .refund(order, refund)
        } else if let attempt = Int32(rest), attempt > 0, String(attempt) == rest {
            self = .charge(order, attempt: attempt)
        } else {
            return nil
        }
    }
}

extension GatewayKey {
    /// Whether the text is a key, mostly without making one: this is asked of every reference.
    static func isKey(_ text: String) -> Bool {
        let quickAnswer = text.utf8.withContiguousStorageIfAvailable { text -> Bool? in
            let bytes = UnsafeRawBufferPointer(text)
            // `ord_`, 26 digits, the separator.
            guard bytes.count > 31, bytes[30] == UInt8(ascii: "/"),
                bytes[0] == UInt8(ascii: "o"), bytes[1] == UInt8(ascii: "r"),
                bytes[2] == UInt8(ascii: "d"), bytes[3] == UInt8(ascii: "_"),
                Base32.value(ofDigits: UnsafeRawBufferPointer(rebasing: bytes[4..<30])) != nil
            else { return false }
            let isFirstAttempts = (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[31])
            return bytes.count == 32 && isFirstAttempts ? true : nil
        }
        guard let quickAnswer, let quickAnswer else { return GatewayKey(text) != nil }
        return quickAnswer
    }

    /// Whether the text is the key of that charge, mostly without making it.
    package static func isCharge(_ text: String, of order: OrderID, attempt: Int32) -> Bool {
        let quickAnswer = text.utf8.withContiguousStorageIfAvailable { text -> Bool? in
            let bytes = UnsafeRawBufferPointer(text)
            guard (1...9).contains(attempt) else { return nil }
            // Every value has one text, so the same value is the same text.
            return bytes.count == 32 && bytes[31] == UInt8(ascii: "0") + UInt8(attempt)
                && bytes[30] == UInt8(ascii: "/") && bytes.starts(with: "ord_".utf8)
                && Base32.value(ofDigits: UnsafeRawBufferPointer(rebasing: bytes[4..<30]))
                    == order.rawValue
        }
        if let quickAnswer, let quickAnswer { return quickAnswer }
        return text == GatewayKey.charge(order, attempt: attempt).description
    }
}
