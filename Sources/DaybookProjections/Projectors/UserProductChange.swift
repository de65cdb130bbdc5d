internal import DaybookCore
internal import DaybookDecisions

/// The key of `user_products`.
struct UserProductKey: Hashable {
    var user: UserID
    var sku: SKU
}

/// What a run adds to a row of `user_products`.
struct UserProductChange {
    var key: UserProductKey
    var name = ""
    var lastOrdered = Instant(microseconds: .min)
    var timesOrdered: Int64 = 0
    var orderCount: Int64 = 0
    var orderedUnits: Int64 = 0
    /// The order that was counted last, so that its second line does not count it again.
    var lastOrder: Int64 = 0

    /// Adds what a later run changes, as the statement of ``OrdersStore`` does.
    mutating func add(_ later: UserProductChange) {
        if later.lastOrdered >= lastOrdered {
            lastOrdered = later.lastOrdered
            name = later.name
        }
        timesOrdered += later.timesOrdered
        orderCount += later.orderCount
        orderedUnits += later.orderedUnits
    }
}
