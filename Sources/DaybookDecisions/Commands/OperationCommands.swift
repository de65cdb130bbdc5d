public import DaybookCore

/// Lets a read model go on without an event that it could not take.
///
/// Whether the event is parked in that read model is for the engine to see before it asks.
public struct SkipProjectionEvent: Hashable, Sendable {
    public static let name = "SkipProjectionEvent"
    /// The read model's name.
    public var model: String
    public var position: LogPosition
    /// Why; it stays on the record.
    public var reason: String

    public init(model: String, position: LogPosition, reason: String) {
        self.model = model
        self.position = position
        self.reason = reason
    }
}
