import DaybookCore

/// Which units of which location an order's lines would take.
///
/// A line is served if the **sum** that the order asks of its product, up to and with that line, is
/// available (D-08). Units are drawn from `main` first, then from the other locations by id.
struct StockAllocation {
    private(set) var lines: [StockLine] = []
    private(set) var shortages: [LineShortage] = []
    private var demand = DemandTally()

    init(lineCount: Int) {
        lines.reserveCapacity(lineCount)
        demand.reserveCapacity(lineCount)
    }

    /// - Parameter quantity: in the range of ``Quantity``.
    mutating func add(
        _ item: OrderItem, quantity: Quantity, lineNumber: Int, productIndex: Int?, in shop: Shop
    ) {
        func refuse(_ reason: LineShortage.Reason, available: Int64 = 0, requested: Int64? = nil) {
            shortages.append(
                LineShortage(
                    lineNumber: lineNumber, sku: item.sku, available: available,
                    requested: requested ?? Int64(quantity.rawValue), reason: reason))
        }
        guard let productIndex else { return refuse(.productNotFound) }
        // Through the array, so that the product with its figures is not copied.
        guard
            shop.catalogue.products[productIndex].isOnSale
                || Mutant.discontinuedStillSold.isPlanted
        else {
            return refuse(.productDiscontinued)
        }
        guard shop.catalogue.products[productIndex].isStocked else { return }
        let before = demand.add(Int64(quantity.rawValue), of: productIndex)
        let available = shop.catalogue.products[productIndex].available
        let extra: Int64 = Mutant.shortageOffByOne.isPlanted ? 1 : 0
        let counted = Mutant.demandNotSummed.isPlanted ? 0 : before
        guard counted + Int64(quantity.rawValue) <= available + extra else {
            return refuse(
                .insufficient, available: available, requested: before + Int64(quantity.rawValue))
        }
        take(
            quantity, lineNumber: lineNumber, skipping: before,
            from: shop.catalogue.products[productIndex])
    }

    /// Takes units at the locations in turn, after those that earlier lines took.
    private mutating func take(
        _ quantity: Quantity, lineNumber: Int, skipping before: Int64, from product: ProductState
    ) {
        var taken = Mutant.unitsTakenTwice.isPlanted ? 0 : before
        var wanted = Int64(quantity.rawValue)
        for figures in product.stock where wanted > 0 {
            let free = max(0, figures.available)
            let skipped = min(free, taken)
            taken -= skipped
            let units = min(free - skipped, wanted)
            guard let part = Quantity(rawValue: Int32(units)) else { continue }
            wanted -= units
            lines.append(
                StockLine(
                    lineNumber: Int32(lineNumber), sku: product.sku,
                    location: Mutant.reservedAtMainOnly.isPlanted ? .main : figures.location,
                    quantity: part))
        }
    }
}

/// What one order asks of each product so far.
private struct DemandTally {
    private var entries: [(product: Int, units: Int64)] = []
    /// Places in `entries`; only kept for long orders, where searching would be slow.
    private var places: [Int: Int] = [:]
    private static let longOrder = 32

    mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

    /// Adds to a product's demand; returns what it was before.
    mutating func add(_ units: Int64, of product: Int) -> Int64 {
        if let place = place(of: product) {
            let before = entries[place].units
            entries[place].units += units
            return before
        }
        entries.append((product, units))
        if entries.count == DemandTally.longOrder {
            for (place, entry) in entries.enumerated() { places[entry.product] = place }
        } else if entries.count > DemandTally.longOrder {
            places[product] = entries.count - 1
        }
        return 0
    }

    private func place(of product: Int) -> Int? {
        entries.count < DemandTally.longOrder
            ? entries.firstIndex { $0.product == product } : places[product]
    }
}
