internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

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

/// A row of `stock_ledger`: what one event moved.
struct StockMovements {
    enum Kind: String {
        case received, adjusted, reserved, released, shipped, restocked
    }

    var position: LogPosition
    var kind: Kind
    var order: OrderID?
    /// Whether lines of the event are left out, because their products wait for something.
    var isPartial: Bool
    var lines: [Line] = []

    /// One stock line; `ordinal` counts all lines of the event from 1.
    struct Line {
        var ordinal: Int64
        var sku: SKU
        var location: LocationID
        var quantity: Int64

        func write(to list: inout RowListWriter) {
            list.row { list in
                list.add(ordinal)
                list.add(sku.rawValue)
                list.add(location.rawValue)
                list.add(quantity)
            }
        }

        /// The lines in a column.
        ///
        /// - Throws: `SQLITE_CORRUPT`.
        static func read(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> [Line] {
            try RowListReader.rows(bytes) { list in
                guard let ordinal = list.integer(),
                    let sku = list.text().flatMap(SKU.init(rawValue:)),
                    let location = list.text().flatMap(LocationID.init(rawValue:)),
                    let quantity = list.integer()
                else { return nil }
                return Line(ordinal: ordinal, sku: sku, location: location, quantity: quantity)
            }
        }
    }
}
