/// How much a rebuild keeps in memory; some 5 MB, and 6 or with very long orders 16.
package struct RebuildLimits {
    /// Orders whose numbers are remembered by their ids; with more, the index on the ids is made before the end.
    var orders: Int
    /// Rows of `user_orders` that wait to be written in the order of the key.
    var purchases: Int

    package init(orders: Int = 100_000, purchases: Int = 100_000) {
        self.orders = orders
        self.purchases = purchases
    }
}
