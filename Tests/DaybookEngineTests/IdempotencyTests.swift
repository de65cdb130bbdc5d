import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Testing

/// Keys, repeats and transactions.
@Suite struct IdempotencyTests {
    private let key = IdempotencyKey(rawValue: "checkout-1")!

    @Test
    func `G-12 D-05 P-21 given one key twice, then the same result and log, also after reopening`()
        async throws
    {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        var daybook = opened
        let first = try await daybook.order([("A", 2)], by: user, key: key)
        try await daybook.close()
        daybook = try await store.open()
        let head = daybook.head
        let request = Command.createOrder(
            CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 2)]))
        let second = try await daybook.execute(request, as: .user(user), key: key)
        #expect(second.isRepeat)
        #expect(second.value == .order(first))
        #expect(daybook.head == head)
        #expect(store.bank.captureCount == 1)
        #expect(try await daybook.available("A") == 3)
        try await daybook.close()
    }

    @Test
    func `D-05 P-22 given one key with another body, then it is refused and has no effect`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        _ = try await daybook.order([("A", 2)], by: user, key: key)
        let head = daybook.head
        let error = try await failure {
            try await daybook.order([("A", 1)], by: user, key: key)
        }
        #expect(error.kind == .idempotencyKeyReused)
        #expect(error.code == "idempotency_key_reused")
        #expect(daybook.head == head)
        try await daybook.close()
    }

    @Test
    func `D-05 given a declined order, when repeated with its key, then the same decline`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.decline(code: "stolen_card"))
        let first = try await failure { try await daybook.order([("A", 1)], by: user, key: key) }
        let head = daybook.head
        let second = try await failure { try await daybook.order([("A", 1)], by: user, key: key) }
        #expect(first == second)
        #expect(first.code == "payment_failed")
        #expect(daybook.head == head)
        try await daybook.close()
    }

    @Test
    func `P-21 given a reserved order that was completed, when repeated, then as first answered`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let first = try await daybook.order([("A", 1)], by: user, key: key, capture: .manual)
        #expect(first.status == .pending)
        _ = try await daybook.execute(
            .completeOrder(CompleteOrder(order: first.orderID)), as: .user(user))
        #expect(try await daybook.order([("A", 1)], by: user, key: key, capture: .manual) == first)
        try await daybook.close()
    }

    @Test
    func `D-05 given one key at the same time, then one order and one charge`() async throws {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        let order = try await daybook.order([("A", 1)], by: user, key: key)
                        #expect(order.orderNumber == 1)
                    } catch {
                        #expect((error as? DaybookError)?.kind == .requestInProgress)
                    }
                }
            }
        }
        #expect(try await daybook.available("A") == 4)
        #expect(store.bank.captureCount == 1)
        try await daybook.close()
        #expect(try store.count(of: OrderPlaced.type) == 1)
    }

    @Test
    func `S-017 P-09 given three commands, when one is rejected, then none has happened`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let head = daybook.head
        let order = CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 2)])
        let error = try await failure {
            try await daybook.transaction(
                [
                    .createOrder(order),
                    .changePrice(ChangePrice(sku: "A", price: gbp(1))),
                    .adjustStock(AdjustStock(sku: "A", delta: -4, reason: "count")),
                ], as: boss)
        }
        #expect(error.code == "negative_stock")
        #expect(daybook.head == head)
        #expect(try await daybook.available("A") == 5)
        let product = try await daybook.readModels.product(
            sku: SKU(rawValue: "A")!, atLeast: head
        ).value
        #expect(product.price.minor == 999)
        // The writer's own state is as before, too: all five can still be ordered.
        _ = try await daybook.order([("A", 5)], by: user)
        try await daybook.close()
    }

    @Test
    func `S-017 S-029 P-24 given several commands, when all are accepted, then one batch`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let head = daybook.head
        let result = try await daybook.transaction(
            [
                .receiveStock(ReceiveStock(sku: "B", quantity: 9)),
                .createOrder(CreateOrder(user: user, items: [OrderItem(sku: "B", quantity: 10)])),
            ], as: boss, key: key)
        #expect(result.positions == head.advanced(by: 1)...head.advanced(by: 4))
        #expect(result.values.count == 2)
        let again = try await daybook.transaction(
            [
                .receiveStock(ReceiveStock(sku: "B", quantity: 9)),
                .createOrder(CreateOrder(user: user, items: [OrderItem(sku: "B", quantity: 10)])),
            ], as: boss, key: key)
        #expect(again.isRepeat)
        #expect(again.values == result.values)
        try await daybook.close()
        #expect(
            try store.batches(after: head) == [
                [
                    StockReceived.type, OrderPlaced.type, StockReserved.type,
                    PaymentRequested.type,
                ]
            ])
    }
}
