/// What every customer bought of every code and has not yet returned.
///
/// A return takes units from the latest order first, in an order from its last line first, and over
/// several orders if it must; so each customer and code has a stack of lots, and taking is popping.
struct ReturnLedger {
    /// Units of one order line that can still come back.
    struct Lot: Hashable {
        /// Index of the invoice that became the order.
        var invoice: Int
        /// From 1, in the order.
        var lineNumber: Int32
        var quantity: Int64
        var unitPriceMinor: Int64
    }

    /// What a return cannot be matched with.
    enum Shortage: Error { case nothingBought, notEnough }

    struct Key: Hashable {
        var customer: Int32
        var product: Int32
    }

    private var stacks: [Key: [Lot]] = [:]
    /// What a return may ask for: nothing else is worth remembering, and most of what is sold never
    /// comes back.
    private let wanted: Set<Key>

    /// - Parameter wanted: every customer and code that ``take(_:customer:product:)`` will be asked for.
    init(wanted: Set<Key>) {
        self.wanted = wanted
    }

    /// Notes a line that was sold; lines come in the order of the file.
    mutating func sold(_ lot: Lot, customer: Int32, product: Int32) {
        let key = Key(customer: customer, product: product)
        guard wanted.contains(key) else { return }
        stacks[key, default: []].append(lot)
    }

    /// Takes units out of the stack, all of them or none.
    ///
    /// - Returns: what was taken of each line, the latest first.
    mutating func take(
        _ quantity: Int64, customer: Int32, product: Int32
    ) throws(Shortage) -> [Lot] {
        let key = Key(customer: customer, product: product)
        precondition(wanted.contains(key), "ReturnLedger: only what is wanted was noted")
        guard let stack = stacks[key] else { throw .nothingBought }
        var missing = quantity
        var depth = stack.count
        while missing > 0 {
            guard depth > 0 else { throw .notEnough }
            depth -= 1
            missing -= min(missing, stack[depth].quantity)
        }
        return pop(quantity, from: key)
    }

    private mutating func pop(_ quantity: Int64, from key: Key) -> [Lot] {
        var taken: [Lot] = []
        var missing = quantity
        while missing > 0, var lot = stacks[key]?.popLast() {
            let part = min(missing, lot.quantity)
            missing -= part
            lot.quantity -= part
            if lot.quantity > 0 { stacks[key]?.append(lot) }
            lot.quantity = part
            taken.append(lot)
        }
        precondition(missing == 0, "ReturnLedger: the stack was counted before")
        return taken
    }

    /// Undoes a taking that came to nothing.
    mutating func putBack(_ lots: [Lot], customer: Int32, product: Int32) {
        let key = Key(customer: customer, product: product)
        for lot in lots {
            var stack = stacks[key] ?? []
            // Near the top as a rule; other returns may have taken deeper since.
            var index = stack.count
            while index > 0, ReturnLedger.isEarlier(lot, than: stack[index - 1]) { index -= 1 }
            if index > 0, ReturnLedger.isSameLine(lot, stack[index - 1]) {
                stack[index - 1].quantity += lot.quantity
            } else {
                stack.insert(lot, at: index)
            }
            stacks[key] = stack
        }
    }

    /// Forgets the lines of an order that was refused.
    mutating func forget(invoice: Int, customer: Int32, product: Int32) {
        let key = Key(customer: customer, product: product)
        stacks[key]?.removeAll { $0.invoice == invoice }
        if stacks[key]?.isEmpty == true { stacks[key] = nil }
    }

    private static func isEarlier(_ left: Lot, than right: Lot) -> Bool {
        (left.invoice, left.lineNumber) < (right.invoice, right.lineNumber)
    }

    private static func isSameLine(_ left: Lot, _ right: Lot) -> Bool {
        (left.invoice, left.lineNumber) == (right.invoice, right.lineNumber)
    }
}
