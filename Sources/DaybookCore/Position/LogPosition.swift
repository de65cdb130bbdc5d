/// A place in the log: the number of one recorded event, dense from 1.
///
/// `LogPosition.start` (0) lies before the first event. Positions of acknowledged events are never
/// given to other content, so a position is a stable name for what was known at that moment.
///
/// Format: Schemas/log/FORMAT.md, Frame.
public struct LogPosition: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public let rawValue: UInt64

    /// The place before the first event.
    public static let start = LogPosition(rawValue: 0)

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public static func < (left: LogPosition, right: LogPosition) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The position `count` events further on; traps when positions are exhausted (2^64).
    public func advanced(by count: Int) -> LogPosition {
        LogPosition(rawValue: rawValue + UInt64(count))
    }
}

extension LogPosition: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
