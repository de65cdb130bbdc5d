public import DaybookCore

/// An instant that is written as ISO 8601 text.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let instant: Instant

    public init(_ instant: Instant) {
        self.instant = instant
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.instant < right.instant
    }

    public var description: String { instant.description }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "'\(text)' is no time of ISO 8601"))
        }
        self.init(instant)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
