package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Fills `orders.sqlite`: orders with their lines, money, parcels, and who bought what.
package final class OrdersProjector: Projector {
    package let file: ReadModelFile
    /// `nil` once closed.
    private var store: OrdersStore?
    private var parking: ParkingProjection?

    /// - Parameter limits: how much is kept in memory when the file is one that is being rebuilt.
    package init(file: ReadModelFile, limits: RebuildLimits = RebuildLimits()) throws {
        precondition(file.name == .orders, "OrdersProjector: this is the file of \(file.name)")
        self.file = file
        self.store = try file.withDatabase {
            try OrdersStore($0, rebuildingWithin: file.mode == .rebuild ? limits : nil)
        }
        self.parking = try ParkingProjection(file)
    }

    package static let consumedTypes: Set<EventType> = [
        OrderPlaced.type, ProcessingStarted.type, ShipmentDispatched.type, OrderCancelled.type,
        OrderExpired.type, ReturnRequested.type, ReturnReceived.type, PaymentRequested.type,
        PaymentAuthorized.type, PaymentCaptureRequested.type, PaymentCaptured.type,
        PaymentDeclined.type, PaymentOutcomeUnknown.type, PaymentVoidRequested.type,
        PaymentVoided.type, RefundRequested.type, RefundSucceeded.type, RefundFailed.type,
        PaymentAmountMismatchDetected.type, LatePaymentReceived.type,
    ]

    package func project(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        let fresh = try file.unapplied(of: run, upTo: checkpoint)
        guard !fresh.isEmpty else { return }
        guard let store, let parking else { throw file.isClosed }
        try changing(store, parking) {
            try file.transaction(movingTo: checkpoint) { _ in
                try parking.project(fresh) { OrdersFold(store: store) }
            }
        }
    }

    package func retryParked(at position: LogPosition?) throws -> RetryResult? {
        guard let store, let parking else { throw file.isClosed }
        var result: RetryResult?
        try changing(store, parking) {
            try file.transaction(movingTo: file.checkpoint) { _ in
                result = try parking.retry(position) { OrdersFold(store: store) }
            }
        }
        return result
    }

    /// Runs a transaction; when it fails, forgets what the file does not hold.
    private func changing(
        _ store: OrdersStore, _ parking: ParkingProjection, _ body: () throws -> Void
    ) throws {
        do {
            try parking.restoringOnFailure(body)
        } catch {
            store.products.forget()
            throw error
        }
    }

    package func flush() throws {
        guard let store else { throw file.isClosed }
        try file.transaction(movingTo: file.checkpoint) { _ in try store.writeWaiting() }
    }

    package func close() throws {
        store = nil
        parking = nil
        try file.close()
    }
}
