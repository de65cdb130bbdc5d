import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections
import Foundation
import Testing

/// Opening, closing, bulk.
@Suite struct OpeningTests {
    @Test
    func `given an open store, when opened again, then it is locked; readers are not`() async throws
    {
        let store = try TestStore()
        let daybook = try await store.openShop()
        let error = try await failure { try await store.open() }
        #expect(error.kind == .storeLocked)
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        #expect(reader.head == daybook.head)
        #expect(reader.logID == daybook.logID)
        try await daybook.close()
        let again = try await store.open()
        try await again.close()
    }

    @Test
    func `given no store, when opened, then not found; given one, when created, then it exists`()
        async throws
    {
        let store = try TestStore()
        let nowhere = store.configuration(of: store.path + "/nowhere")
        let missing = try await failure { try await Daybook.open(nowhere) }
        #expect(missing.kind == .storeNotFound)
        let twice = try await failure { try Daybook.create(store.configuration) }
        #expect(twice.kind == .storeExists)
    }

    @Test
    func `given no master key, when opened, then key_missing and nothing is changed`() async throws
    {
        let store = try TestStore()
        let (daybook, _) = try await store.openShopWithCustomer()
        try await daybook.close()
        try FileManager.default.removeItem(
            atPath: store.configuration.directory + "/master.key")
        let before = try store.entries().count
        let error = try await failure { try await store.open() }
        #expect(error.kind == .keyMissing)
        #expect(try store.entries().count == before)
    }

    @Test
    func `given a closed Daybook, when asked for anything, then it says closed`() async throws {
        let store = try TestStore()
        let daybook = try await store.openShop()
        try await daybook.close()
        try await daybook.close()
        let error = try await failure { try await daybook.fillOne() }
        #expect(error.kind == .closed)
    }

    @Test
    func `given many requests at once, then decided in order, one answer each, and durable`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let head = daybook.head
        let requests = (1...9).map { _ in
            Request(
                [.createOrder(CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 1)]))],
                as: .user(user))
        }
        let answers = await daybook.executeAll(requests)
        #expect(answers.count == 9)
        let results = answers.compactMap { try? $0.get() }
        #expect(results.count == 5)
        let firsts = results.compactMap { $0.positions?.lowerBound.rawValue }
        #expect(firsts == (0..<5).map { head.rawValue + 1 + 3 * $0 })
        let codes = answers.suffix(4).map { answer -> String? in
            if case .failure(let error) = answer { error.code } else { nil }
        }
        #expect(codes == [String?](repeating: "insufficient_stock", count: 4))
        // Another reader of the files finds all of it, so it was durable when the call returned.
        #expect(try store.entries(after: head).count == 15)
        try await daybook.close()
    }

    @Test
    func `D-49 given one clock reading a command, then its events and answers carry that instant`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        let readings = store.clock
        readings.set(to: Instant(microseconds: 1_800_000_000_123_456))
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        let entries = try store.entries(after: head)
        #expect(entries.allSatisfy { $0.recordedAt.microseconds == 1_800_000_000_123_456 })
        #expect(entries[0].payload.contains("\"expires_at\":\"2027-01-16T08:00:00.123456Z\""))
    }

    @Test
    func `given a time of its own, when anybody but an import says it, then it is refused`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.openShop()
        let error = try await failure {
            try await daybook.execute(
                .receiveStock(ReceiveStock(sku: "A", quantity: 1)), as: boss, at: SetClock.noon)
        }
        #expect(error.kind == .invalidRequest)
        let old = try #require(Instant("2010-12-01T08:26:00Z"))
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 1)), as: .import, at: old)
        try await daybook.close()
        #expect(try store.entries().last?.recordedAt == old)
    }
}

extension Daybook {
    fileprivate func fillOne() async throws -> CommandResult {
        try await execute(.receiveStock(ReceiveStock(sku: "B", quantity: 1)), as: boss)
    }
}
