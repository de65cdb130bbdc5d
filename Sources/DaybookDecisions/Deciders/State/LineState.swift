package import DaybookCore

/// A line of an order as the next decision needs it; its number is its place in the order, from 1.
package struct LineState: Hashable, Sendable {
    package let sku: SKU
    package let quantity: Int32
    /// Never reserved, and shipped without touching stock.
    package let isUnstocked: Bool
    package var shipped: Int32 = 0
    /// Came back, damaged or not.
    package var returned: Int32 = 0
}

/// Units of one line kept at one location, and what became of them.
package struct LineReservation: Hashable, Sendable {
    /// From 1.
    package let lineNumber: Int32
    package let location: LocationID
    package var reserved: Int32
    package var released: Int32 = 0
    package var shipped: Int32 = 0
    package var restocked: Int32 = 0

    /// Still kept.
    package var remaining: Int32 { reserved - released - shipped }

    /// Whether ``remaining`` is a number; figures that a forged snapshot names may be any.
    var canBeReckoned: Bool {
        let kept = Int64(reserved) - Int64(released)
        return Int32(exactly: kept) != nil && Int32(exactly: kept - Int64(shipped)) != nil
    }
}

/// Goods announced to come back.
package struct ReturnState: Hashable, Sendable {
    package let id: ReturnID
    package let lines: [LineQuantity]
    package var isReceived = false
}
