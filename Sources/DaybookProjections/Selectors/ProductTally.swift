internal import DaybookCore
internal import GRDB
internal import Glibc

/// Finds the products that a person ordered last, given the person's orders from newest to oldest.
///
/// A product that is first met behind the `limit`th can only be older than that one, so no more are
/// remembered than are asked for, and those that tie with the last.
struct ProductTally {
    private struct Product {
        var sku: String
        var name: String
        var lastOrdered: Instant
        /// The newest order with it.
        var newest: Int64
        /// The order counted last.
        var counted: Int64 = -1
        var times = 0
        var orders = 0
        var units: Int64 = 0
    }

    private let limit: Int
    /// By descending time.
    private var products: [Product] = []
    /// Their SKUs as they stand in the rows, one behind the other, and where each lies: a person has hundreds
    /// of lines, of which few are of these products.
    private var storedSKUs: [UInt8] = []
    private var storedPlaces: [Range<Int>] = []

    init(limit: Int) { self.limit = limit }

    /// Counts the lines of the next older order.
    ///
    /// - Parameter lines: `user_orders.products`.
    /// - Throws: `SQLITE_CORRUPT` when they are none.
    /// - Complexity: O(lines × remembered products).
    mutating func add(
        _ lines: UnsafeRawBufferPointer, order: Int64, at instant: Instant
    ) throws(DatabaseError) {
        _ = try RowListReader.rows(lines) { list -> Void? in
            guard let stored = list.storedText() else { return nil }
            if let place = place(of: stored) {
                return count(&list, at: place, order)
            }
            guard products.count < limit || isTie(instant) else { return () }
            guard let sku = RowListReader.text(stored) else { return nil }
            storedPlaces.append(storedSKUs.count..<storedSKUs.count + stored.count)
            storedSKUs.append(contentsOf: stored)
            products.append(Product(sku: sku, name: "", lastOrdered: instant, newest: order))
            return count(&list, at: products.count - 1, order)
        }
    }

    private func place(of stored: UnsafeRawBufferPointer) -> Int? {
        storedSKUs.withUnsafeBytes { all in
            storedPlaces.firstIndex { place in
                guard place.count == stored.count else { return false }
                guard let mine = all.baseAddress, let other = stored.baseAddress else {
                    return true
                }
                return memcmp(mine + place.lowerBound, other, place.count) == 0
            }
        }
    }

    private func isTie(_ instant: Instant) -> Bool {
        limit > 0 && products[limit - 1].lastOrdered == instant
    }

    private mutating func count(
        _ list: inout RowListReader, at place: Int, _ order: Int64
    ) -> Void? {
        // A later line of the newest order has the name.
        let isNewest = products[place].newest == order
        guard let name = isNewest ? list.text() : list.skipText() ? "" : nil,
            let quantity = list.integer()
        else { return nil }
        if isNewest { products[place].name = name }
        if products[place].counted != order {
            products[place].counted = order
            products[place].orders += 1
        }
        products[place].times += 1
        products[place].units += quantity
        return ()
    }

    /// Latest first, equal times by descending SKU.
    var latest: [RecentProduct] {
        products.sorted { left, right in
            left.lastOrdered == right.lastOrdered
                ? right.sku.utf8.lexicographicallyPrecedes(left.sku.utf8)
                : left.lastOrdered > right.lastOrdered
        }.prefix(limit).map {
            RecentProduct(
                sku: $0.sku, name: $0.name, lastOrdered: Timestamp($0.lastOrdered),
                timesOrdered: $0.times, orderCount: $0.orders, orderedUnits: Int($0.units))
        }
    }
}
