/// What there is of one product at one location.
package struct StockFigures: Hashable, Sendable {
    package let location: LocationID
    /// Units that are physically there.
    package var onHand: Int64
    /// Units kept for orders that were not sent yet.
    package var reserved: Int64

    /// Units that can still be promised.
    package var available: Int64 { onHand - reserved }

    /// The order in which locations are drawn on: `main` first, then by id.
    static func isDrawnOn(_ left: LocationID, before right: LocationID) -> Bool {
        guard left != right else { return false }
        return left == .main || right != .main && left < right
    }
}
