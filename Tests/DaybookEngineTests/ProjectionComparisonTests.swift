import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import Foundation
import Testing

/// Where a read model parts from what its events project to.
@Suite struct ProjectionComparisonTests {
    /// A store with copies every few events, and what happened at the positions that matter.
    private func store() async throws -> (store: TestStore, receipts: [LogPosition]) {
        let store = try TestStore()
        store.configuration.settings?.checkpointInterval = 16
        let (daybook, user) = try await store.openShopWithCustomer()
        var receipts: [LogPosition] = []
        for step in 0..<30 {
            let result = try await daybook.execute(
                .receiveStock(ReceiveStock(sku: "A", quantity: 10 + step)), as: boss)
            receipts.append(try #require(result.positions?.lowerBound))
            _ = try await daybook.order([("A", 1)], by: user)
            try await daybook.waitForProjections()
        }
        try await daybook.close()
        return (store, receipts)
    }

    private func compare(_ name: ReadModelName, _ store: TestStore) throws
        -> ProjectionComparison.Report
    {
        let directory = store.configuration.directory
        let reader = try DaybookReader.open(directory: directory)
        return try ProjectionComparison(of: name, in: directory, log: reader.log)
            .compareWithRebuild { _, _ in true }
    }

    /// Changes every copy from a position on, as a projector with a mistake would have left them.
    private func spoil(
        _ name: ReadModelName, from position: LogPosition, in store: TestStore, _ sql: String
    ) throws {
        let layout = StoreDirectory(path: store.configuration.directory)
        let kept = try CheckpointFiles(
            name, besides: layout.readModels
        ).kept()
        #expect(kept.count >= 3)
        #expect(kept.contains { $0.position < position })
        for copy in kept where copy.position >= position {
            let file = try ReadModelFile.open(copy: copy.path, of: name)
            try file.withDatabase { try RowStatement($0, sql).run() }
            try file.close()
        }
        let live = try ReadModelFile.open(name, at: layout.path(of: name))
        try live.withDatabase { try RowStatement($0, sql).run() }
        try live.close()
    }

    @Test(arguments: ReadModelName.allCases)
    func `given a live model that nothing happened to, when compared, then it is equal`(
        name: ReadModelName
    ) async throws {
        let (store, _) = try await store()
        let report = try compare(name, store)
        #expect(report.isEqual)
        #expect(report.parting == nil)
        #expect(report.left == report.right)
    }

    @Test
    func `given one event that was not added, when compared, then that event is named`()
        async throws
    {
        let (store, receipts) = try await store()
        let missed = receipts[17]
        try spoil(
            .inventory, from: missed, in: store,
            "UPDATE stock SET on_hand = on_hand - 27 WHERE sku = 'A'")
        let report = try compare(.inventory, store)
        let parting = try #require(report.parting)
        #expect(parting.event == missed)
        #expect(parting.type == StockReceived.type)
        #expect(!parting.isExact)
        #expect(parting.equalAt < missed && missed <= parting.differsAt)
        #expect(report.tables == ["stock"])
        #expect(parting.rows.map(\.table) == ["stock"])
    }

    @Test
    func `given a row that is missing, when compared, then the event that made it is named`()
        async throws
    {
        let (store, receipts) = try await store()
        let missed = receipts[20]
        try spoil(
            .inventory, from: missed, in: store,
            "DELETE FROM stock_ledger WHERE position = \(missed)")
        let parting = try #require(try compare(.inventory, store).parting)
        #expect(parting.event == missed)
        #expect(!parting.isExact)
        #expect(parting.rows.first?.left == nil)
    }

    @Test
    func
        `given a value that nobody projects, when compared, then no event is claimed`()
        async throws
    {
        let (store, receipts) = try await store()
        try spoil(
            .inventory, from: receipts[25], in: store,
            "UPDATE products SET created_at = created_at + 1 WHERE sku = 'B'")
        let parting = try #require(try compare(.inventory, store).parting)
        #expect(parting.event == nil)
        #expect(!parting.isExact)
        #expect(parting.equalAt < receipts[25])
        #expect(parting.differsAt >= receipts[25])
        #expect(parting.rows.first?.table == "products")
    }
}
