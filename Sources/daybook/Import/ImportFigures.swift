import DaybookCore

/// What an import amounts to: the same figures are planned before and counted after it.
struct ImportFigures: Hashable {
    /// Rows of the file without its header; each is an order line, a return, an adjustment or a
    /// reject.
    var rows: Int64 = 0
    var orders: Int64 = 0
    var orderLines: Int64 = 0
    /// Units on all order lines.
    var units: Int64 = 0
    var netPence: Int64 = 0
    var returnLines: Int64 = 0
    var returnedUnits: Int64 = 0
    var refundedPence: Int64 = 0
    var adjustments: Int64 = 0
    /// The sum of the adjustments; may be negative.
    var adjustedUnits: Int64 = 0
    var rejects: Int64 = 0
    var users: Int64 = 0
    var products: Int64 = 0
    var openingUnits: Int64 = 0
    /// On hand of all goods at the end.
    var finalUnits: Int64 = 0

    /// The figures under their published names, in their published order.
    var named: [(name: String, value: Int64)] {
        [
            ("rows", rows), ("orders", orders), ("order_lines", orderLines), ("units", units),
            ("net_pence", netPence), ("return_lines", returnLines),
            ("returned_units", returnedUnits), ("refunded_pence", refundedPence),
            ("adjustments", adjustments), ("adjusted_units", adjustedUnits),
            ("rejects", rejects), ("users", users), ("products", products),
            ("opening_units", openingUnits), ("final_units", finalUnits),
        ]
    }

    /// Adds what a plan asks for. Sums wrap around rather than trap: no real history comes near.
    mutating func add(_ plan: InvoicePlan) {
        if !plan.lines.isEmpty { orders += 1 }
        orderLines += Int64(plan.lines.count)
        for line in plan.lines {
            units &+= line.quantity
            netPence &+= line.quantity * line.unitPriceMinor
        }
        returnLines += Int64(plan.returns.count)
        for lot in plan.returns.lazy.flatMap(\.lots) {
            returnedUnits &+= lot.quantity
            refundedPence &+= lot.quantity * lot.unitPriceMinor
        }
        adjustments += Int64(plan.adjustments.count)
        for adjustment in plan.adjustments { adjustedUnits += adjustment.delta }
        rejects += Int64(plan.rejects.count)
    }

    /// Whether every row has exactly one place.
    var isBalanced: Bool { orderLines + returnLines + adjustments + rejects == rows }
}
