import DaybookCore
import DaybookDecisions

/// The oracle: stock kept in dictionaries, told what was accepted, knowing nothing of events, locations
/// or tables.
struct NaiveShop {
    struct Order {
        var lines: [(sku: String, quantity: Int)]
        /// Units of each line that are kept.
        var kept: [Int]
        var isUnstocked: [Bool]
    }

    var onHand: [String: Int] = [:]
    var unstocked: Set<String> = []
    var orders: [OrderID: Order] = [:]

    func reserved(_ sku: String) -> Int {
        orders.values.reduce(0) { sum, order in
            sum
                + order.lines.indices.reduce(0) {
                    order.lines[$1].sku == sku ? $0 + order.kept[$1] : $0
                }
        }
    }

    func available(_ sku: String) -> Int { onHand[sku, default: 0] - reserved(sku) }

    /// Whether there is enough of everything, as one sum per product.
    func canServe(_ items: [OrderItem]) -> Bool {
        var sums: [String: Int] = [:]
        for item in items {
            guard onHand[item.sku] != nil || unstocked.contains(item.sku) else { return false }
            sums[item.sku, default: 0] += item.quantity
        }
        return sums.allSatisfy { unstocked.contains($0.key) || $0.value <= available($0.key) }
    }

    mutating func place(_ id: OrderID, _ items: [OrderItem]) {
        let isUnstocked = items.map { unstocked.contains($0.sku) }
        orders[id] = Order(
            lines: items.map { ($0.sku, $0.quantity) },
            kept: items.indices.map { isUnstocked[$0] ? 0 : items[$0].quantity },
            isUnstocked: isUnstocked)
    }

    mutating func release(_ id: OrderID) {
        guard let order = orders[id] else { return }
        orders[id]?.kept = order.kept.map { _ in 0 }
    }

    mutating func ship(_ id: OrderID, line: Int, quantity: Int) {
        guard let order = orders[id], !order.isUnstocked[line] else { return }
        orders[id]?.kept[line] -= quantity
        onHand[order.lines[line].sku, default: 0] -= quantity
    }

    mutating func restock(_ id: OrderID, line: Int, quantity: Int) {
        guard let order = orders[id], !order.isUnstocked[line] else { return }
        onHand[order.lines[line].sku, default: 0] += quantity
    }
}
