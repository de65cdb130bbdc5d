/// A point in a log's past: a position, or a time.
public enum Moment: Hashable, Sendable, CustomStringConvertible {
    /// With every batch that ends at or before it.
    case position(LogPosition)
    /// With every batch that was recorded at or before it.
    case time(Instant)

    /// From a number or an RFC 3339 time.
    public init?(_ text: String) {
        if let number = UInt64(text) {
            self = .position(LogPosition(rawValue: number))
        } else if let time = Instant(text) {
            self = .time(time)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .position(let position): "position \(position)"
        case .time(let time): "\(time)"
        }
    }
}
