internal import DaybookCore
internal import DaybookDecisions

/// A row of `user_orders`: what a person ordered in one order. Nothing changes it later.
struct PurchaseRow {
    var user: UserID
    var createdAt: Instant
    var orderNumber: Int64
    /// A ``RowList`` with a row for each line, in order: product, quantity.
    var products: [UInt8]

    /// - Parameters:
    ///   - sold: the products of all lines of the order.
    ///   - list: used for writing; what was in it is forgotten.
    init(
        of user: UserID, _ lines: ArraySlice<OrderLine>, _ sold: [NumberedProduct],
        at createdAt: Instant, order number: Int64, _ list: inout RowListWriter
    ) {
        self.user = user
        self.createdAt = createdAt
        orderNumber = number
        list.removeAll()
        for (index, line) in zip(lines.indices, lines) {
            list.row { list in
                list.add(sold[index].number)
                list.add(Int64(line.quantity.rawValue))
            }
        }
        // A copy of its size: the list keeps its memory for the next.
        products = list.bytes.withUnsafeBytes { Array($0) }
    }

    func write(_ row: RowStatement) throws {
        row.bind(identifier: user.rawValue)
        row.bind(createdAt)
        row.bind(orderNumber)
        products.withUnsafeBytes { row.bind(utf8: $0) }
        try row.run()
    }
}
