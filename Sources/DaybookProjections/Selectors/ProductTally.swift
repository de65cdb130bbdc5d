internal import DaybookCore

/// Finds the products that a person ordered last, given the person's orders from newest to oldest.
///
/// A product that is first met behind the `limit`th can only be older than that one, so no more are
/// remembered than are asked for, and those that tie with the last.
struct ProductTally {
    private struct Product {
        var sold: SoldProduct
        var lastOrdered: Instant
        /// The newest order with it.
        var newest: Int64
        /// The order counted last.
        var counted: Int64 = -1
        var times = 0
        var orders = 0
        var units: Int64 = 0
    }

    private let sold: SoldProducts
    private let limit: Int
    /// By descending time.
    private var products: [Product] = []

    init(of sold: SoldProducts, limit: Int) {
        self.sold = sold
        self.limit = limit
    }

    /// Counts the lines of the next older order.
    ///
    /// - Parameter lines: `user_orders.products`.
    /// - Throws: `SQLITE_CORRUPT` when they are none.
    /// - Complexity: O(lines × remembered products).
    mutating func add(
        _ lines: UnsafeRawBufferPointer, order: Int64, at instant: Instant
    ) throws {
        try RowListReader.forEachRow(lines) { list in
            guard let number = list.integer(), let quantity = list.integer() else { return false }
            count(try sold.product(number), quantity, order: order, at: instant)
            return true
        }
    }

    private mutating func count(
        _ line: SoldProduct, _ quantity: Int64, order: Int64, at instant: Instant
    ) {
        let place: Int
        if let known = products.firstIndex(where: { $0.sold.kin == line.kin }) {
            place = known
            // A later line of the newest order has the name.
            if products[place].newest == order { products[place].sold = line }
        } else {
            guard products.count < limit || isTie(instant) else { return }
            place = products.count
            products.append(Product(sold: line, lastOrdered: instant, newest: order))
        }
        if products[place].counted != order {
            products[place].counted = order
            products[place].orders += 1
        }
        products[place].times += 1
        products[place].units += quantity
    }

    private func isTie(_ instant: Instant) -> Bool {
        limit > 0 && products[limit - 1].lastOrdered == instant
    }

    /// Latest first, equal times by descending SKU.
    var latest: [RecentProduct] {
        products.sorted { left, right in
            left.lastOrdered == right.lastOrdered
                ? right.sold.sku.utf8.lexicographicallyPrecedes(left.sold.sku.utf8)
                : left.lastOrdered > right.lastOrdered
        }.prefix(limit).map {
            RecentProduct(
                sku: $0.sold.sku, name: $0.sold.name, lastOrdered: Timestamp($0.lastOrdered),
                timesOrdered: $0.times, orderCount: $0.orders, orderedUnits: Int($0.units))
        }
    }
}
