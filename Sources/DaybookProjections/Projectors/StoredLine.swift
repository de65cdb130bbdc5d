internal import DaybookDecisions
internal import GRDB

/// One line of an order as `stored_orders.lines` keeps it, in the order of its values:
/// `[line_number, sku, name, quantity, unit_price_minor, net_surplus, tax_minor, price_overridden,
/// unstocked, shipped, returned]`, where `net_surplus` is what the net amount is above quantity × price.
///
/// Zeros at the end are left out, which is all from `net_surplus` on for most lines.
struct StoredLine {
    var lineNumber: Int64
    var sku: String
    var name: String
    var quantity: Int64
    var unitPrice: Int64
    var isPriceOverridden: Bool
    var net: Int64
    var tax: Int64
    var isUnstocked: Bool
    var shipped: Int64 = 0
    var returned: Int64 = 0

    init(_ line: OrderLine) {
        lineNumber = Int64(line.lineNumber)
        sku = line.sku.rawValue
        name = line.name
        quantity = Int64(line.quantity.rawValue)
        unitPrice = line.unitPriceMinor
        isPriceOverridden = line.priceOverridden
        net = line.netMinor
        tax = line.taxMinor
        isUnstocked = line.unstocked
    }

    /// - Returns: `nil` when the values are not those of a line.
    private init?(_ list: inout RowListReader) {
        guard let lineNumber = list.integer(), let sku = list.text(), let name = list.text(),
            let quantity = list.integer(), let unitPrice = list.integer(),
            let surplus = list.integerOrZero(), let tax = list.integerOrZero(),
            let isPriceOverridden = list.integerOrZero(), let isUnstocked = list.integerOrZero(),
            let shipped = list.integerOrZero(), let returned = list.integerOrZero()
        else { return nil }
        self.lineNumber = lineNumber
        self.sku = sku
        self.name = name
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.isPriceOverridden = isPriceOverridden != 0
        net = quantity &* unitPrice &+ surplus
        self.tax = tax
        self.isUnstocked = isUnstocked != 0
        self.shipped = shipped
        self.returned = returned
    }

    /// The lines in a column.
    ///
    /// - Throws: `SQLITE_CORRUPT`.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> [StoredLine] {
        try RowListReader.rows(bytes) { StoredLine(&$0) }
    }

    func write(to list: inout RowListWriter) {
        list.row { list in
            list.add(lineNumber)
            list.add(sku)
            list.add(name)
            list.add(quantity)
            list.add(unitPrice)
            list.add(
                whileNotZero: net &- quantity &* unitPrice, tax, isPriceOverridden ? 1 : 0,
                isUnstocked ? 1 : 0, shipped, returned)
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
