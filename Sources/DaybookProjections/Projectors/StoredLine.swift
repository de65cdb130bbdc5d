internal import DaybookDecisions
internal import GRDB

/// One line of an order as `orders.lines` keeps it, in the order of its values:
/// `[line_number, sku, name, quantity, unit_price_minor, price_overridden, net_minor, tax_minor,
/// unstocked, shipped, returned]`.
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
            let isPriceOverridden = list.integer(), let net = list.integer(),
            let tax = list.integer(), let isUnstocked = list.integer(),
            let shipped = list.integer(), let returned = list.integer()
        else { return nil }
        self.lineNumber = lineNumber
        self.sku = sku
        self.name = name
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.isPriceOverridden = isPriceOverridden != 0
        self.net = net
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
            list.add(isPriceOverridden)
            list.add(net)
            list.add(tax)
            list.add(isUnstocked)
            list.add(shipped)
            list.add(returned)
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
