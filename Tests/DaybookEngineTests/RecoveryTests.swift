import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Foundation
import Testing

/// Crashes, damage, snapshots and rebuilds.
@Suite struct RecoveryTests {
    @Test
    func `G-21 P-25 given a log cut inside batch 2, when reopened, then batch 1 and re-driven`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let order = try await daybook.order([("A", 2)], by: user)
        let head = daybook.head
        let segment = try #require(
            try store.files.last { $0.hasPrefix("log/") && $0.hasSuffix(".seg") })
        let before = try store.bytes(of: segment)
        // As it lay there after batch 1, once for each place where the next write may have stopped.
        let cuts = [1, 40, 100]
        let copies = try cuts.map { try store.copy(to: "cut-\($0)") }
        try await daybook.runReactors()
        let after = try store.bytes(of: segment)
        try await daybook.close()
        let start = try #require(zip(before, after).enumerated().first { $1.0 != $1.1 }?.offset)
        for (cut, copy) in zip(cuts, copies) {
            var torn = before
            torn.replaceSubrange(start..<(start + cut), with: after[start..<(start + cut)])
            try Data(torn).write(to: store.url(copy + "/" + segment))
            let configuration = store.configuration(of: copy)
            let reader = try DaybookReader.open(directory: copy)
            #expect(reader.head == head)
            let reopened = try await Daybook.open(configuration)
            #expect(try await reopened.status(of: order.orderID) == "processing")
            #expect(try await reopened.available("A") == 3)
            try await reopened.close()
        }
        #expect(store.bank.captureCount == 1)
        #expect(store.bank.callCount(forKey: "\(order.orderID)/1") == 1 + cuts.count)
    }

    @Test
    func `G-22 P-31 given a history, when read models are rebuilt, then digests are equal`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2), ("B", 1)], by: user)
        store.bank.followOnce(.decline(code: "no"))
        _ = try await daybook.refusal(of: [("A", 1)], by: user)
        store.bank.followOnce(.unknownThenCaptured)
        _ = try await daybook.refusal(of: [("A", 1)], by: user)
        let order = try await daybook.newestOrder(of: user)
        _ = try await daybook.reconcilePayments()
        _ = try await daybook.execute(.shipOrder(ShipOrder(order: order)), as: boss)
        try await daybook.close()
        let reports = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration
        ) { _, _ in true }
        #expect(reports.map(\.name) == [.inventory, .orders, .users])
        #expect(reports.map(\.isEqual) == [true, true, true])
        let again = try await store.open()
        #expect(try await again.status(of: order) == "shipped")
        try await again.close()
    }

    @Test
    func `P-40 given a snapshot, when reopened, then the state is that of the whole log`()
        async throws
    {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        var daybook = opened
        await daybook.fill(1_000)
        let key = IdempotencyKey(rawValue: "once")
        _ = try await daybook.order([("A", 2)], by: user, key: key)
        try await daybook.close()
        #expect(try store.files.contains("snapshots/state.snapshot"))
        daybook = try await store.open()
        let head = daybook.head
        _ = try await daybook.order([("A", 2)], by: user, key: key)
        #expect(daybook.head == head)
        _ = try await daybook.order([("A", 3)], by: user)
        #expect(try await daybook.refusal(of: [("A", 1)], by: user).code == "insufficient_stock")
        try await daybook.close()
        let report = try DaybookReader.open(directory: store.configuration.directory)
            .replay { _ in true }
        #expect(report.snapshotPosition == head)
        #expect(report.snapshotIsEqual)
        #expect(!report.hasFindings)
    }

    @Test
    func `given a damaged snapshot, when reopened, then it is passed over`() async throws {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        var daybook = opened
        await daybook.fill(1_000)
        _ = try await daybook.order([("A", 2)], by: user)
        let head = daybook.head
        try await daybook.close()
        var bytes = try store.bytes(of: "snapshots/state.snapshot")
        bytes[bytes.count / 2] ^= 0x10
        try Data(bytes).write(
            to: store.url(store.configuration.directory + "/snapshots/state.snapshot"))
        daybook = try await store.open()
        #expect(daybook.head >= head)
        _ = try await daybook.order([("A", 3)], by: user)
        #expect(try await daybook.refusal(of: [("A", 1)], by: user).code == "insufficient_stock")
        try await daybook.close()
    }

    @Test
    func `P-25 given read models ahead of the log, when opened, then it is refused as lost events`()
        async throws
    {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        try await opened.close()
        let older = try store.copy(to: "older")
        let daybook = try await store.open()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let models = older + "/read-models"
        try FileManager.default.removeItem(atPath: models)
        try FileManager.default.copyItem(
            atPath: store.configuration.directory + "/read-models", toPath: models)
        let error = try await failure {
            try await Daybook.open(store.configuration(of: older))
        }
        #expect(error.kind == .damaged)
        #expect(error.code == "log_corrupt")
        #expect(error.message.contains("log-is-older-than-inventory.sqlite@16"))
    }

    @Test
    func `given a damaged read model, when opened, then it is kept aside and built anew`()
        async throws
    {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        let order = try await opened.order([("A", 2)], by: user)
        try await opened.close()
        let path = store.configuration.directory + "/read-models/orders.sqlite"
        try Data(repeating: 0x5A, count: 20_000).write(to: store.url(path))
        let daybook = try await store.open()
        #expect(daybook.notices.count == 1)
        #expect(daybook.notices[0].contains("orders.sqlite"))
        #expect(try store.files.contains { $0.contains("orders.sqlite.damaged") })
        #expect(try await daybook.status(of: order.orderID) == "processing")
        try await daybook.close()
    }

    @Test
    func `given a longer log's read models, when opened, then they are set aside and built anew`()
        async throws
    {
        let store = try TestStore()
        var other = store.configuration(of: store.path + "/other")
        other.seedChance(with: 2)
        try Daybook.create(other)
        let longer = try await Daybook.open(other)
        try await longer.addGoods()
        await longer.fill(50)
        try await longer.close()
        try await store.openShop().close()
        let models = store.configuration.directory + "/read-models"
        try FileManager.default.removeItem(atPath: models)
        try FileManager.default.copyItem(
            atPath: other.directory + "/read-models", toPath: models)
        let daybook = try await store.open()
        #expect(longer.head > daybook.head)
        #expect(daybook.notices.count == 3)
        #expect(daybook.notices.allSatisfy { $0.contains("belongs to another log") })
        #expect(try await daybook.available("B") == 1)
        try await daybook.close()
    }

    @Test
    func `given a lost read model, when opened, then it is built anew from the log`() async throws {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        let order = try await opened.order([("A", 2)], by: user)
        try await opened.close()
        try FileManager.default.removeItem(
            atPath: store.configuration.directory + "/read-models")
        let daybook = try await store.open()
        #expect(try await daybook.status(of: order.orderID) == "processing")
        #expect(try await daybook.available("A") == 3)
        try await daybook.close()
    }
}

extension Daybook {
    /// So many events that change nothing that the tests look at.
    func fill(_ count: Int) async {
        _ = await executeAll(
            (0..<count).map { _ in
                Request([.receiveStock(ReceiveStock(sku: "B", quantity: 1))], as: boss)
            })
    }
}
