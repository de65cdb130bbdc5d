import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Testing

/// The reference's selectors over orders that the engine itself made (G-18, G-19).
@Suite struct ReferenceSelectorTests {
    @Test
    func `G-18 S-102 D-21 given one order of each status, then pending, processing and shipped`()
        async throws
    {
        var shop = ShopSettings()
        shop.startProcessingWhenPaid = false
        let store = try TestStore(shop: shop)
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 50)), as: boss)
        func place() async throws -> OrderID {
            try await daybook.order([("A", 1)], by: user).orderID
        }
        func start(_ order: OrderID) async throws {
            _ = try await daybook.execute(
                .startProcessing(StartProcessing(order: order)), as: boss)
        }
        let expired = try await daybook.order([("A", 1)], by: user, capture: .manual).orderID
        store.clock.advance(bySeconds: 90_000)
        #expect(try await daybook.runTimers() == 1)
        let paid = try await place()
        store.bank.followOnce(.decline(code: "no"))
        _ = try await daybook.refusal(of: [("A", 1)], by: user)
        let failed = try await daybook.newestOrder(of: user)
        store.clock.advance(bySeconds: 1)
        let processing = try await place()
        try await start(processing)
        store.clock.advance(bySeconds: 1)
        let shipped = try await place()
        try await start(shipped)
        _ = try await daybook.execute(.shipOrder(ShipOrder(order: shipped)), as: boss)
        let cancelled = try await place()
        _ = try await daybook.execute(
            .cancelOrder(CancelOrder(order: cancelled, reason: "no")), as: .user(user))
        store.clock.advance(bySeconds: 1)
        let pending = try await daybook.order([("A", 1)], by: user, capture: .manual).orderID
        let statuses = [
            (expired, "expired"), (paid, "paid"), (failed, "payment_failed"),
            (cancelled, "cancelled"),
        ]
        for (order, status) in statuses {
            #expect(try await daybook.status(of: order) == status)
        }
        let active = try await daybook.readModels.userActiveOrders(
            user: user, atLeast: daybook.head
        ).value
        #expect(active.map(\.summary.orderID) == [pending, shipped, processing])
        #expect(active.map(\.summary.status) == ["pending", "shipped", "processing"])
        #expect(active[0].summary.totalWithTax.numerator == 10_989)
        #expect(active[0].summary.totalWithTax.denominator == 10)
        #expect(active[0].lines.map(\.name) == ["Apple"])
        try await daybook.close()
    }

    @Test
    func `G-19 S-103 S-112 S-114 D-28 given A on two lines and a declined order, then three times`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 1), ("A", 2)], by: user)
        store.clock.advance(bySeconds: 5)
        store.bank.followOnce(.decline(code: "no"))
        _ = try await daybook.refusal(of: [("A", 1)], by: user)
        let products = try await daybook.readModels.userRecentlyOrderedProducts(
            user: user, atLeast: daybook.head
        ).value
        #expect(products.map(\.sku) == ["A"])
        #expect(products.map(\.timesOrdered) == [3])
        #expect(products.map(\.orderCount) == [2])
        #expect(products.map(\.orderedUnits) == [4])
        #expect(products.map(\.lastOrdered.instant) == [SetClock.noon.advanced(bySeconds: 5)])
        try await daybook.close()
    }
}
