package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Fills `inventory.sqlite`: products, stock figures, and every movement of stock.
package final class InventoryProjector: Projector {
    package let file: ReadModelFile
    /// `nil` once closed.
    private var store: InventoryStore?
    private var parking: ParkingProjection?

    package init(file: ReadModelFile) throws {
        precondition(
            file.name == .inventory, "InventoryProjector: this is the file of \(file.name)")
        self.file = file
        self.store = try file.withDatabase { try InventoryStore($0) }
        self.parking = try ParkingProjection(file)
    }

    package static let consumedTypes: Set<EventType> = [
        ProductAdded.type, PriceChanged.type, ProductRenamed.type, ProductDiscontinued.type,
        StockReceived.type, StockAdjusted.type, StockReserved.type, StockReleased.type,
        StockShipped.type, StockRestocked.type,
    ]

    package func project(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        let fresh = try file.unapplied(of: run, upTo: checkpoint)
        guard !fresh.isEmpty else { return }
        guard let store, let parking else { throw file.isClosed }
        try parking.restoringOnFailure {
            try file.transaction(movingTo: checkpoint) { _ in
                try parking.project(fresh) { InventoryFold(store: store) }
            }
        }
    }

    package func retryParked(at position: LogPosition?) throws -> RetryResult? {
        guard let store, let parking else { throw file.isClosed }
        var result: RetryResult?
        try parking.restoringOnFailure {
            try file.transaction(movingTo: file.checkpoint) { _ in
                result = try parking.retry(position) { InventoryFold(store: store) }
            }
        }
        return result
    }

    package func close() throws {
        store = nil
        parking = nil
        try file.close()
    }
}
