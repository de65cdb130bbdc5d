import DaybookCore

/// What comes in, what is counted, and how every movement changes the figures (DOMAIN 3.3).
enum StockDecider {
    /// The most units that one command may bring in.
    static let maximumReceipt = 1_000_000_000

    static func receive(
        _ command: ReceiveStock, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let product = try findStocked(command.sku, in: shop)
        guard (1...maximumReceipt).contains(command.quantity) else {
            throw .invalidQuantity([LineQuantityProblem(lineNumber: 1, quantity: command.quantity)])
        }
        let onHand = product.figures(at: command.location).onHand
        guard !onHand.addingReportingOverflow(Int64(command.quantity)).overflow else {
            throw .amountOverflow
        }
        return [
            .stockReceived(
                StockReceived(
                    sku: product.sku, location: command.location,
                    quantity: Int64(command.quantity)))
        ]
    }

    static func adjust(
        _ command: AdjustStock, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let product = try findStocked(command.sku, in: shop)
        guard command.reason.isVisibleText(ofAtMost: 200) else {
            throw .validationFailed([
                FieldProblem(field: "reason", problem: "must be 1 to 200 visible characters")
            ])
        }
        guard (-maximumReceipt...maximumReceipt).contains(command.delta) else {
            throw .invalidQuantity([LineQuantityProblem(lineNumber: 1, quantity: command.delta)])
        }
        let figures = product.figures(at: command.location)
        if let expected = command.expectedOnHand, Int64(expected) != figures.onHand {
            throw .stockConflict(
                sku: product.sku, expectedOnHand: expected, onHand: figures.onHand)
        }
        guard command.delta != 0 else { return [] }
        let (after, overflow) = figures.onHand.addingReportingOverflow(Int64(command.delta))
        guard !overflow else { throw .amountOverflow }
        guard after >= (Mutant.adjustedBelowReserved.isPlanted ? 0 : figures.reserved) else {
            throw .negativeStock(
                sku: product.sku, onHand: figures.onHand, reserved: figures.reserved,
                delta: command.delta)
        }
        return [
            .stockAdjusted(
                StockAdjusted(
                    sku: product.sku, location: command.location, delta: Int64(command.delta),
                    reason: command.reason))
        ]
    }

    private static func findStocked(
        _ sku: String, in shop: Shop
    ) throws(Rejection) -> ProductState {
        let product = try CatalogueDecider.find(sku, in: shop)
        guard product.isStocked else { throw .notStocked(product.sku) }
        return product
    }
}

extension StockDecider {
    static func evolve(_ catalogue: inout Catalogue, with event: Event) {
        switch event {
        case .stockReceived(let event):
            catalogue.update(event.sku) { $0.change(at: event.location, onHand: event.quantity) }
        case .stockAdjusted(let event):
            catalogue.update(event.sku) { $0.change(at: event.location, onHand: event.delta) }
        case .stockReserved(let event): move(event.lines, in: &catalogue, onHand: 0, reserved: 1)
        case .stockReleased(let event):
            let lost: Int64 = Mutant.releaseLosesStock.isPlanted ? 1 : 0
            move(event.lines, in: &catalogue, onHand: -lost, reserved: -1)
        case .stockShipped(let event):
            let kept: Int64 = Mutant.shippedStaysReserved.isPlanted ? 1 : 0
            move(event.lines, in: &catalogue, onHand: -1, reserved: kept - 1)
        case .stockRestocked(let event): move(event.lines, in: &catalogue, onHand: 1, reserved: 0)
        default: break
        }
    }

    /// Moves each line's units in the given directions: 1, 0 or -1.
    private static func move(
        _ lines: [StockLine], in catalogue: inout Catalogue, onHand: Int64, reserved: Int64
    ) {
        for line in lines {
            let units = Int64(line.quantity.rawValue)
            catalogue.update(line.sku) {
                $0.change(at: line.location, onHand: onHand * units, reserved: reserved * units)
            }
        }
    }
}
