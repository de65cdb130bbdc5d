import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Foundation
import Testing

/// Who did what, when and why; and the proof that all of it holds (D-20, S-043).
@Suite struct AuditTests {
    @Test
    func `D-20 S-043 given an order, when its story is told, then every event with who and why`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order(
            [("A", 2)], by: user, key: IdempotencyKey(rawValue: "k-1"))
        _ = try await daybook.execute(.shipOrder(ShipOrder(order: order.orderID)), as: boss)
        try await daybook.close()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        let story = try reader.story(of: order.orderID)
        #expect(story.orderNumber == 1)
        #expect(story.userID == user)
        #expect(story.payable == 1998)
        #expect(story.captured == 1998)
        #expect(story.refunded == 0)
        #expect(story.unitsOrdered == 2)
        #expect(story.unitsShipped == 2)
        let steps = story.entries.filter { $0.type != MailSent.type }
        #expect(
            steps.map(\.type) == [
                OrderPlaced.type, StockReserved.type, PaymentRequested.type,
                PaymentCaptured.type, MailRequested.type, ProcessingStarted.type,
                ShipmentDispatched.type, StockShipped.type,
            ])
        #expect(
            steps.map(\.actor) == [
                .user(user), .user(user), .user(user), .gateway, .gateway, .system, boss, boss,
            ])
        #expect(
            steps.map(\.command) == [
                "CreateOrder", "CreateOrder", "CreateOrder", "RecordPaymentOutcome",
                "RecordPaymentOutcome", "StartProcessing", "ShipOrder", "ShipOrder",
            ])
        #expect(steps[0].idempotencyKey == "k-1")
        #expect(steps[3].causation == steps[2].position)
        #expect(steps.allSatisfy { $0.recordedAt == SetClock.noon })
    }

    @Test
    func `D-20 given questions by tag, type, actor, time and range, then exactly those entries`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user).orderID
        store.clock.advance(bySeconds: 3_600)
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        func types(_ question: AuditQuestion) throws -> [EventType] {
            var types: [EventType] = []
            try reader.forEachEntry(question) { entry in
                types.append(entry.type)
                return true
            }
            return types
        }
        #expect(
            try types(AuditQuestion(type: OrderPlaced.type)) == [
                OrderPlaced.type, OrderPlaced.type,
            ])
        #expect(
            try types(AuditQuestion(tag: order.tag, type: OrderPlaced.type)) == [OrderPlaced.type])
        #expect(
            try types(AuditQuestion(actor: .gateway)) == [
                PaymentCaptured.type, MailRequested.type, PaymentCaptured.type, MailRequested.type,
            ])
        var late = AuditQuestion(actor: .user(user))
        late.from = SetClock.noon.advanced(bySeconds: 1)
        #expect(
            try types(late) == [OrderPlaced.type, StockReserved.type, PaymentRequested.type])
        var range = AuditQuestion()
        range.firstPosition = LogPosition(rawValue: 2)
        range.lastPosition = LogPosition(rawValue: 3)
        #expect(try types(range) == [ProductAdded.type, StockReceived.type])
        range.limit = 1
        #expect(try types(range) == [ProductAdded.type])
        let missing = await errorCode { try reader.story(of: OrderID(rawValue: 1)) }
        #expect(missing == "not_found")
    }

    @Test
    func `P-01 P-30 P-34 given any history, when replayed, then no finding and no call is made`()
        async throws
    {
        let text = ProcessInfo.processInfo.environment["DAYBOOK_SEED"]
        let seed = text.flatMap { UInt64($0) } ?? 20_100_112
        print("DAYBOOK_SEED=\(seed)")
        var chance = SmallGenerator(state: seed)
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.follow(.random(seed: seed, weights: .usual))
        var codes: Set<String> = []
        for _ in 0..<120 {
            let command = try await anyCommand(of: user, daybook, &chance)
            let code = await errorCode { try await daybook.execute(command, as: boss) }
            codes.insert(code ?? "done")
            store.clock.advance(bySeconds: Int64.random(in: 0...7_200, using: &chance))
        }
        _ = try await daybook.reconcilePayments()
        _ = try await daybook.runTimers()
        #expect(codes.contains("done"))
        try await daybook.close()
        let calls = store.bank.captureCount
        let entries = try store.entries().count
        let report = try DaybookReader.open(directory: store.configuration.directory)
            .replay { _ in true }
        #expect(report.violations == [])
        #expect(report.models == [.inventory: true, .orders: true, .users: true])
        #expect(report.eventCount == UInt64(entries))
        #expect(!report.hasFindings)
        #expect(store.bank.captureCount == calls)
    }

    private func anyCommand(
        of user: UserID, _ daybook: Daybook, _ chance: inout SmallGenerator
    ) async throws -> Command {
        let sku = ["A", "B"].randomElement(using: &chance) ?? "A"
        let orders = try await daybook.readModels.userOrders(
            user: user, limit: 5, atLeast: daybook.head
        ).value.items.map(\.summary.orderID)
        let order = orders.randomElement(using: &chance) ?? OrderID(rawValue: 1)
        switch Int.random(in: 0..<8, using: &chance) {
        case 0: return .receiveStock(ReceiveStock(sku: sku, quantity: 4))
        case 1: return .adjustStock(AdjustStock(sku: sku, delta: -1, reason: "loss"))
        case 2: return .shipOrder(ShipOrder(order: order))
        case 3: return .cancelOrder(CancelOrder(order: order, reason: "no"))
        case 4: return .completeOrder(CompleteOrder(order: order))
        default:
            let items = (0...Int.random(in: 0...1, using: &chance)).map { _ in
                OrderItem(sku: sku, quantity: Int.random(in: 1...2, using: &chance))
            }
            return .createOrder(
                CreateOrder(
                    user: user, items: items,
                    capture: Bool.random(using: &chance) ? .automatic : .manual))
        }
    }
}

/// SplitMix64: the same numbers for a seed, everywhere.
struct SmallGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
