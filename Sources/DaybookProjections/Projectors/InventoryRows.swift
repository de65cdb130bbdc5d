internal import DaybookCore
internal import DaybookDecisions

/// A row of `products`.
struct ProductRow {
    var sku: SKU
    var name: String
    var price: Money
    var isStocked: Bool
    var isOnSale: Bool
    var takesBackorders: Bool
    var createdAt: Instant
    var updatedAt: Instant
    var position: LogPosition
}

/// The key of `stock`.
struct StockKey: Hashable {
    var sku: SKU
    var location: LocationID
}

/// By how much a run changes a row of `stock`.
struct StockChange {
    var key: StockKey
    var onHand: Int64 = 0
    var reserved: Int64 = 0
}

/// A row of `stock_movements`.
struct StockMovement {
    enum Kind: String {
        case received, adjusted, reserved, released, shipped, restocked
    }

    var position: LogPosition
    var ordinal: Int
    var sku: SKU
    var location: LocationID
    var kind: Kind
    var quantity: Int64
    var order: OrderID?
}
