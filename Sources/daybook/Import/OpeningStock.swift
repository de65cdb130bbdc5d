/// The smallest stock that goods must have at the start so that no later movement fails.
///
/// For each code it is the depth of the lowest point of the running sum of its movements.
struct OpeningStock {
    private var running: [Int64]
    private var lowest: [Int64]

    init(productCount: Int) {
        running = Array(repeating: 0, count: productCount)
        lowest = running
    }

    mutating func record(_ movement: InvoicePlan.Movement) {
        let product = Int(movement.product)
        running[product] += movement.delta
        lowest[product] = min(lowest[product], running[product])
    }

    /// Units that must be there before the first movement; 0 where none are missing.
    func units(ofProduct product: Int) -> Int64 { -lowest[product] }

    /// Units that are there after the last movement.
    func finalUnits(ofProduct product: Int) -> Int64 { running[product] - lowest[product] }
}
