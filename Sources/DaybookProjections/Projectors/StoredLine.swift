internal import DaybookDecisions

/// One line of an order as `stored_orders.lines` keeps it, in the order of its values:
/// product, quantity, price_surplus, shipped, returned, net_surplus, tax_minor, price_overridden,
/// unstocked, skipped. `product` is a number of `sold_products`, `price_surplus` what the price of a unit is
/// above the price there, `net_surplus` what the net amount is above quantity × price, and `skipped` what the
/// line's number is above its place in the list.
///
/// Zeros at the end are left out, which is all behind the quantity for most lines.
struct StoredLine {
    var lineNumber: Int64
    var product: Int64
    var quantity: Int64
    var priceSurplus: Int64
    var isPriceOverridden: Bool
    var netSurplus: Int64
    var tax: Int64
    var isUnstocked: Bool
    var shipped: Int64 = 0
    var returned: Int64 = 0

    init(_ line: OrderLine, of product: NumberedProduct) {
        lineNumber = Int64(line.lineNumber)
        self.product = product.number
        quantity = Int64(line.quantity.rawValue)
        priceSurplus = line.unitPriceMinor &- product.unitPrice
        isPriceOverridden = line.priceOverridden
        netSurplus = line.netMinor &- quantity &* line.unitPriceMinor
        tax = line.taxMinor
        isUnstocked = line.unstocked
    }

    /// - Parameter place: in the list, from 1.
    /// - Returns: `nil` when the values are not those of a line.
    private init?(_ list: inout RowListReader, at place: Int64) {
        guard let product = list.integer(), let quantity = list.integer(),
            let priceSurplus = list.integerOrZero(),
            let shipped = list.integerOrZero(), let returned = list.integerOrZero(),
            let netSurplus = list.integerOrZero(), let tax = list.integerOrZero(),
            let isPriceOverridden = list.integerOrZero(), let isUnstocked = list.integerOrZero(),
            let skipped = list.integerOrZero()
        else { return nil }
        lineNumber = place &+ skipped
        self.product = product
        self.quantity = quantity
        self.priceSurplus = priceSurplus
        self.isPriceOverridden = isPriceOverridden != 0
        self.netSurplus = netSurplus
        self.tax = tax
        self.isUnstocked = isUnstocked != 0
        self.shipped = shipped
        self.returned = returned
    }

    /// The lines in a column.
    ///
    /// - Throws: `SQLITE_CORRUPT`.
    static func read(_ bytes: UnsafeRawBufferPointer) throws -> [StoredLine] {
        var place: Int64 = 0
        return try RowListReader.rows(bytes) { list in
            place += 1
            return StoredLine(&list, at: place)
        }
    }

    /// - Parameter place: in the list, from 1.
    func write(to list: inout RowListWriter, at place: Int64) {
        list.row { list in
            list.add(product)
            list.add(quantity)
            list.add(
                whileNotZero: priceSurplus, shipped, returned, netSurplus, tax,
                isPriceOverridden ? 1 : 0, isUnstocked ? 1 : 0, lineNumber &- place)
        }
    }

    /// Counts what left and what came back.
    mutating func apply(_ changes: [OrderLineChange]) {
        for change in changes where change.line == lineNumber {
            shipped += change.shipped
            returned += change.returned
        }
    }
}
