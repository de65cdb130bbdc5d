/// Where the goods of an order are.
public enum FulfilmentState: String, Hashable, Sendable, CaseIterable {
    case unfulfilled
    case partiallyShipped = "partially_shipped"
    case shipped
    case partiallyDelivered = "partially_delivered"
    case delivered
    case partiallyReturned = "partially_returned"
    case returned

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String { rawValue }

    /// From unit counts. `returned` needs every ordered unit shipped and every shipped unit back.
    ///
    /// - Precondition: `0 ≤ returned ≤ shipped ≤ ordered`.
    public init(ordered: Int64, shipped: Int64, returned: Int64) {
        if returned > 0 {
            self = shipped == ordered && returned == shipped ? .returned : .partiallyReturned
        } else if shipped > 0 {
            self = shipped == ordered ? .shipped : .partiallyShipped
        } else {
            self = .unfulfilled
        }
    }
}
