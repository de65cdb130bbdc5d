import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections

/// Imports into a real store, through the same front door as everybody else.
struct DaybookImportTarget: ImportTarget {
    /// Open with manual reactors.
    let daybook: Daybook
    /// Opens the log for reading, beside the writer.
    let openLog: () throws -> LogReader
    /// A quarter of a wave's orders: the writer begins early, and has enough to do meanwhile.
    private static let partCount = 64

    func record(_ requests: [ImportRequest]) async throws -> [ImportOutcome] {
        let asked = requests.map { request in
            Request(
                request.commands, as: .import, key: IdempotencyKey(rawValue: request.key),
                at: request.time)
        }
        return try await daybook.executeAll(asked, inPartsOf: DaybookImportTarget.partCount)
            .map(outcome)
    }

    /// - Throws: what the machine says; what the business says is an outcome.
    private func outcome(_ result: Result<CommandResult, DaybookError>) throws -> ImportOutcome {
        switch result {
        case .success(let result):
            var record = ImportRecord(isRepeat: result.isRepeat)
            for value in result.values {
                switch value {
                case .user(let user): record.user = user
                case .order(let order):
                    record.order = ImportRecord.Order(id: order.orderID, payment: order.payment)
                default: break
                }
            }
            return .recorded(record)
        case .failure(let error):
            switch error.kind {
            case .rejected, .idempotencyKeyReused, .invalidRequest:
                return .refused(code: error.code, message: error.message)
            default: throw error
            }
        }
    }

    func runReactors() async throws {
        _ = try await daybook.runReactors()
    }

    func hurryReadModels() { daybook.hurryProjections() }

    func verificationToken(for user: UserID) async throws -> String? {
        try await daybook.verificationToken(for: user)
    }

    func user(withEmail email: String) async throws -> UserID? {
        try await daybook.user(withEmail: email)
    }

    func isStocked(sku: String) async throws -> Bool? {
        guard let sku = SKU(rawValue: sku) else { return nil }
        do throws(SelectorError) {
            return try await daybook.readModels.product(sku: sku, atLeast: daybook.head).value
                .stocked
        } catch {
            guard error.code == .productNotFound else { throw error }
            return nil
        }
    }

    func availableUnits(sku: String) async throws -> Int64 {
        guard let sku = SKU(rawValue: sku) else { return 0 }
        do throws(SelectorError) {
            return try await daybook.readModels.availability(
                sku: sku, location: ImportRequests.location, atLeast: daybook.head
            ).value.available
        } catch {
            guard error.code == .productNotFound else { throw error }
            return 0
        }
    }

    func recorded(of history: OrderHistory) async throws -> RecordedImports {
        var recorded = RecordedImports(of: history)
        try openLog().forEachBatch(from: .start, through: daybook.head) { batch in
            let metadata = try batch.metadata()
            guard RecordedImports.isRelevant(metadata) else { return true }
            let isReceipt = metadata.command == ReceiveStock.name
            recorded.add(
                metadata,
                isReceipt
                    ? try Self.events(in: batch, [StockReceived.type]) : [])
            return true
        }
        return recorded
    }

    func count(_ scope: ImportScope) async throws -> ImportCount {
        let head = daybook.head
        let middle = LogPosition(rawValue: head.rawValue / 2)
        // On two threads: nothing else is left to do but the read models' last runs.
        let log = try openLog()
        async let later = Self.count(scope, in: log, behind: middle, through: head)
        var count = try Self.count(
            scope, in: log, behind: .start, through: middle)
        count.add(try await later)
        // Last: the read models come up while the log is counted.
        try await daybook.waitForProjections()
        for code in scope.goods {
            guard let sku = SKU(rawValue: code) else { continue }
            count.finalUnits += try await daybook.readModels.availability(sku: sku).value.onHand
        }
        return count
    }

    /// - Parameter start: batches that begin there or before are left out.
    static func count(
        _ scope: ImportScope, in log: LogReader, behind start: LogPosition,
        through end: LogPosition
    ) throws -> ImportCount {
        var count = ImportCount(scope)
        guard start < end else { return count }
        try log.forEachBatch(from: start.advanced(by: 1), through: end) { batch in
            guard batch.firstPosition > start else { return true }
            count.add(try batch.metadata(), try events(in: batch, ImportCount.types))
            return true
        }
        return count
    }

    /// The events of these types, in their order.
    private static func events(in batch: borrowing BatchView, _ types: Set<EventType>) throws
        -> [Event]
    {
        var events: [Event] = []
        try batch.forEachEvent { event in
            guard types.contains(event.type) else { return }
            var reader = WireReader(event.payload)
            if let event = try Event(type: event.type, decoding: &reader) {
                events.append(event)
            }
        }
        return events
    }
}
