internal import DaybookCore

/// The place behind one order in a list from newest to oldest. Opaque to callers; it stays good
/// when orders come in or change.
public struct OrderCursor: Hashable, Sendable, CustomStringConvertible {
    let createdAt: Instant
    let orderID: OrderID

    init(createdAt: Instant, orderID: OrderID) {
        self.createdAt = createdAt
        self.orderID = orderID
    }

    /// The text that callers pass back.
    public var description: String { "\(createdAt.microseconds)~\(orderID)" }

    /// Reads the text; `nil` when it is no cursor.
    public init?(_ text: some StringProtocol) {
        guard let separator = text.firstIndex(of: "~"),
            let microseconds = Int64(text[..<separator]),
            let orderID = OrderID(text[text.index(after: separator)...])
        else { return nil }
        self.init(createdAt: Instant(microseconds: microseconds), orderID: orderID)
    }

    /// Reads the text that a caller passes back.
    ///
    /// - Throws: `invalid_cursor`.
    public static func reading(_ text: String) throws(SelectorError) -> OrderCursor {
        guard let cursor = OrderCursor(text) else {
            throw SelectorError(
                code: .invalidCursor, message: "'\(text)' is not a cursor that a page gave out")
        }
        return cursor
    }
}

extension OrderCursor: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let cursor = OrderCursor(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no cursor"))
        }
        self = cursor
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
