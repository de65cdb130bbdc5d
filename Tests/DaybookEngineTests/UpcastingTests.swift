import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import Foundation
import Testing

/// A log in which a type had another name and another shape, through every path that decodes events.
@Suite struct `Upcasting` {
    /// A shop with a customer and an order, its log then written anew in the old shape; without any
    /// file that is made from the log.
    private func oldStore() async throws -> (TestStore, UserID, OrderID) {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        try OldLog.rewrite(store)
        for folder in ["read-models", "snapshots"] {
            try? FileManager.default.removeItem(
                atPath: store.configuration.directory + "/" + folder)
        }
        return (store, user, order.orderID)
    }

    @Test func `given an old log and its chain, when opened, then it is the same shop`()
        async throws
    {
        let (store, user, order) = try await oldStore()
        store.configuration.upcasters = try OldLog.chain()
        let daybook = try await store.open(.manual)
        #expect(try await daybook.available("A") == 3)
        #expect(try await daybook.status(of: order) == "processing")
        let product = try await daybook.readModels.product(
            sku: SKU(rawValue: "A")!, atLeast: daybook.head
        ).value
        #expect(product.price.minor == 999)
        // The writer's fold knows the product: it can be bought, and not be added twice.
        _ = try await daybook.order([("A", 1), ("B", 1)], by: user)
        let twice = try await failure {
            try await daybook.execute(
                .addProduct(AddProduct(sku: "A", productName: "Again", price: gbp(1))), as: boss)
        }
        #expect(twice.code == "product_exists" || twice.message.contains("A"))
        #expect(try await daybook.isStateEqualToFold() == true)
        try await daybook.close()
    }

    @Test
    func `given an old log and its chain, when audited and replayed, then today's names show`()
        async throws
    {
        let (store, _, order) = try await oldStore()
        let chain = try OldLog.chain()
        store.configuration.upcasters = chain
        // Also from its snapshot, which the first run leaves behind.
        store.configuration.eventsPerSnapshot = 1
        for _ in 1...2 { try await store.open().close() }
        let reader = try DaybookReader.open(
            directory: store.configuration.directory, upcasters: chain)
        var question = AuditQuestion(type: "ProductAdded")
        var entries: [AuditEntry] = []
        try reader.forEachEntry(question) { entry in
            entries.append(entry)
            return true
        }
        #expect(entries.map(\.type) == ["ProductAdded", "ProductAdded"])
        #expect(
            entries.map { "\($0.storedAs.map { "\($0)" } ?? "today")" } == [
                "'ArticleAdded' version 1", "'ArticleAdded' version 2",
            ])
        #expect(entries.allSatisfy { $0.payload.contains("\"GBP\"") })
        question = AuditQuestion(tag: order.tag)
        #expect(try reader.story(of: order).payable > 0)
        let report = try reader.replay { _ in true }
        #expect(!report.hasFindings)
        #expect(report.snapshotPosition != nil)
        #expect(report.models.values.allSatisfy { $0 == true })
    }

    @Test func `given an old log, when rebuilt by its chain, then rows equal those of incremental`()
        async throws
    {
        let (store, user, _) = try await oldStore()
        store.configuration.upcasters = try OldLog.chain()
        let daybook = try await store.open()
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        let reports = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration
        ) { _, _ in true }
        #expect(reports.map(\.isEqual) == [true, true, true])
    }

    @Test
    func `given an old log and no chain, when opened, then it is refused with count and place`()
        async throws
    {
        let (store, _, _) = try await oldStore()
        let before = try store.files
        let error = try await failure { try await store.open() }
        #expect(error.kind == .needsNewerProgram)
        #expect(
            error.message == """
                this program cannot read 2 of the log's events: 1 of 'ArticleAdded' version 1, the \
                first at position 1; 1 of 'ArticleAdded' version 2, the first at position 2. Nothing \
                was changed. Use the program that wrote them or a newer one; `daybook log show 1` \
                shows the first as it is stored
                """)
        #expect(
            try store.files.filter { $0.contains("sqlite") }
                == before.filter { $0.contains("sqlite") })
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        #expect(throws: DaybookError.self) { try reader.log.requireKnownEvents() }
    }

    @Test func `given options of one's own, when opened, then the chain is there all the same`()
        async throws
    {
        let (store, _, order) = try await oldStore()
        store.configuration.upcasters = try OldLog.chain()
        store.configuration.logOptions = EventLogOptions()
        let daybook = try await store.open()
        #expect(try await daybook.status(of: order) == "processing")
        try await daybook.close()
    }

    @Test func `given a chain with a hole, when opened, then only the hole is named`() async throws
    {
        let (store, _, _) = try await oldStore()
        // Knows the new name's step, but not the shape in which it was first.
        store.configuration.upcasters = try UpcasterChain(
            [
                EventRename(
                    EventKind("ArticleAdded", schemaVersion: 1),
                    to: EventKind("ProductAdded", schemaVersion: 1))
            ], currentVersions: EventSchema.current.latestVersions)
        let error = try await failure { try await store.open() }
        #expect(error.kind == .needsNewerProgram)
        #expect(error.message.contains("1 of 'ArticleAdded' version 2, the first at position 2."))
    }

    @Test func `given a snapshot by another chain, when opened, then the log is folded anew`()
        async throws
    {
        let (store, user, _) = try await oldStore()
        store.configuration.upcasters = try OldLog.chain()
        store.configuration.eventsPerSnapshot = 1
        try await store.open().close()
        #expect(try store.files.contains("snapshots/state.snapshot"))
        // This program cannot read the beginning of the log; the snapshot must not hide that.
        store.configuration.upcasters = .current
        let error = try await failure { try await store.open() }
        #expect(error.kind == .needsNewerProgram)
        store.configuration.upcasters = try OldLog.chain()
        let daybook = try await store.open()
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
    }
}
