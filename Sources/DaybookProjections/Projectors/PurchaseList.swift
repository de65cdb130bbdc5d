internal import DaybookCore
internal import DaybookDecisions

/// Rows of `user_orders` on their way into the table: what a person ordered in one order. Nothing changes them later.
///
/// Packed, since a rebuild keeps very many to write them in the order of the key; some 60 bytes each.
struct PurchaseList {
    private var purchases: [Purchase] = []
    /// The products of all, one behind the other.
    private var products: [UInt8] = []
    private var list = RowListWriter()

    private struct Purchase {
        var user: UserID
        var createdAt: Instant
        var orderNumber: Int64
        var productStart: UInt32
        var productByteCount: UInt32
    }

    /// Of what is written; more lines than most orders have must not take all memory.
    private static let byteLimit = 16 << 20

    /// Whether there are so many rows, or they are so long, that they should be written.
    func isFull(_ limit: Int) -> Bool {
        purchases.count >= limit || products.count >= PurchaseList.byteLimit
    }

    /// - Parameters:
    ///   - lines: some of the order's, each with a quantity.
    ///   - sold: the products of all lines of the order.
    mutating func add(
        of user: UserID, _ lines: ArraySlice<OrderLine>, _ sold: [NumberedProduct],
        at createdAt: Instant, order number: Int64
    ) {
        list.removeAll()
        for index in lines.indices {
            let quantity = Int64(lines[index].quantity.rawValue)
            list.row { list in
                list.add(sold[index].number)
                list.add(quantity)
            }
        }
        purchases.append(
            Purchase(
                user: user, createdAt: createdAt, orderNumber: number,
                productStart: UInt32(products.count), productByteCount: UInt32(list.bytes.count)))
        products += list.bytes
    }

    /// Writes the rows of one person one after another, in the order in which they came: they are neighbours in the table.
    mutating func write(to row: RowStatement) throws {
        purchases.sort { ($0.user, $0.productStart) < ($1.user, $1.productStart) }
        try products.withUnsafeBytes { products in
            for purchase in purchases {
                row.bind(identifier: purchase.user.rawValue)
                row.bind(purchase.createdAt)
                row.bind(purchase.orderNumber)
                let start = Int(purchase.productStart)
                row.bind(
                    utf8: UnsafeRawBufferPointer(
                        rebasing: products[start..<(start + Int(purchase.productByteCount))]))
                try row.run()
            }
        }
    }

    /// Forgets all; the memory stays.
    mutating func removeAll() {
        purchases.removeAll(keepingCapacity: true)
        products.removeAll(keepingCapacity: true)
    }
}
