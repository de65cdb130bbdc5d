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

/// A row of `stock_ledger`: what one event moved.
struct StockMovements {
    enum Kind: String, CaseIterable, StoredWord {
        case reserved, shipped, released, received, adjusted, restocked

        static let stored = allCases
        var name: String { rawValue }
    }

    var position: LogPosition
    var kind: Kind
    var order: OrderID?
    /// Whether lines of the event are left out, because their products wait for something.
    var isPartial: Bool
    var lines: [Line] = []

    /// One stock line; `ordinal` counts all lines of the event from 1.
    ///
    /// `stock_ledger.lines` keeps it as sku, quantity, location, skipped, where `skipped` is how many lines
    /// of the event before it are left out: of most lines the first two values.
    struct Line {
        var ordinal: Int64
        var sku: SKU
        var location: LocationID
        var quantity: Int64

        /// - Parameter place: among the lines that are written, from 0.
        func write(to list: inout RowListWriter, at place: Int) {
            let skipped = ordinal - Int64(place) - 1
            list.row { list in
                list.add(sku.rawValue)
                list.add(quantity)
                if location != .main || skipped != 0 { list.add(location.rawValue) }
                list.add(whileNotZero: skipped)
            }
        }

        /// The lines in a column.
        ///
        /// - Throws: `SQLITE_CORRUPT`.
        static func read(_ bytes: UnsafeRawBufferPointer) throws -> [Line] {
            var place: Int64 = 0
            return try RowListReader.rows(bytes) { list in
                guard let sku = list.text().flatMap(SKU.init(rawValue:)),
                    let quantity = list.integer(),
                    let location = list.isAtEnd
                        ? LocationID.main : list.text().flatMap(LocationID.init(rawValue:)),
                    let skipped = list.integerOrZero()
                else { return nil }
                place += 1
                return Line(
                    ordinal: place + skipped, sku: sku, location: location, quantity: quantity)
            }
        }
    }
}
