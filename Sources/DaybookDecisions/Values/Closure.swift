/// Whether an order has been given up, and how.
public enum Closure: String, Hashable, Sendable, CaseIterable {
    case open
    case cancelled
    case expired

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String { rawValue }
}
