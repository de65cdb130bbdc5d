package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Fills `inventory.sqlite`: products, stock figures, and every movement of stock.
package final class InventoryProjector: Projector {
    package let file: ReadModelFile
    /// `nil` once closed.
    private var store: InventoryStore?

    package init(file: ReadModelFile) throws {
        precondition(
            file.name == .inventory, "InventoryProjector: this is the file of \(file.name)")
        self.file = file
        self.store = try file.withDatabase { try InventoryStore($0) }
    }

    package static let consumedTypes: Set<EventType> = [
        ProductAdded.type, PriceChanged.type, ProductRenamed.type, ProductDiscontinued.type,
        StockReceived.type, StockAdjusted.type, StockReserved.type, StockReleased.type,
        StockShipped.type, StockRestocked.type,
    ]

    package func project(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        let fresh = try file.unapplied(of: run, upTo: checkpoint)
        guard !fresh.isEmpty else { return }
        guard let store else { throw file.isClosed }
        try file.transaction(movingTo: checkpoint) { _ in
            var fold = InventoryFold(store: store)
            for batch in fresh {
                for fact in batch.facts { try fold.apply(fact) }
            }
            try fold.write()
        }
    }

    package func close() throws {
        store = nil
        try file.close()
    }
}
