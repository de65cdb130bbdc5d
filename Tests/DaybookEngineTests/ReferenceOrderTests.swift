import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Testing

/// Rules of the reference about orders, seen from outside.
@Suite struct ReferenceOrderTests {
    @Test
    func `S-002 S-003 S-032 S-090 given a paid order, then all its data is there and times moved`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let placed = try await daybook.execute(
            .createOrder(
                CreateOrder(
                    user: user, items: [OrderItem(sku: "A", quantity: 2)],
                    shippingAddress: "1 High Street")), as: .user(user))
        guard case .order(let order) = placed.value else { throw UnexpectedValue(placed.value) }
        store.clock.advance(bySeconds: 60)
        try await daybook.runReactors()
        let view = try await daybook.readModels.order(
            orderID: order.orderID, atLeast: daybook.head
        ).value.order.summary
        #expect(view.userID == user)
        #expect(view.status == "processing")
        #expect(view.net.minor == 1998)
        #expect(view.paymentID == order.payment)
        #expect(view.paymentReference == "ch_\(order.orderID)/1")
        #expect(view.shippingAddress != nil)
        #expect(view.createdAt.instant == SetClock.noon)
        #expect(view.updatedAt.instant == SetClock.noon.advanced(bySeconds: 60))
        try await daybook.close()
    }

    @Test
    func `S-004 S-013 S-027 S-028 S-030 D-54 given [A×2, B×1, A×1], then three lines, one sum`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2), ("B", 1), ("A", 1)], by: user)
        _ = try await daybook.execute(
            .changePrice(ChangePrice(sku: "A", price: gbp(5))), as: boss)
        let view = try await daybook.readModels.order(
            orderID: order.orderID, atLeast: daybook.head
        ).value.order
        #expect(view.lines.map(\.sku) == ["A", "B", "A"])
        #expect(view.lines.map(\.quantity) == [2, 1, 1])
        #expect(view.lines.map(\.unitPrice.minor) == [999, 1000, 999])
        #expect(view.lines.map(\.net.minor) == [1998, 1000, 999])
        #expect(view.summary.net.minor == 3997)
        #expect(view.summary.payable.minor == 3997)
        try await daybook.close()
    }

    @Test
    func
        `S-033 S-059 D-04 D-32 given an order, then one charge with amount, currency and customer`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2), ("B", 1)], by: user)
        #expect(
            gateway.requests == [
                ChargeRequest(
                    key: "\(order.orderID)/1", amount: gbp(2998), captureMode: .automatic,
                    customer: user, at: SetClock.noon)
            ])
        try await daybook.close()
    }

    @Test
    func `S-035 S-038 D-03 given an error that is no decline, then it is no failed payment`()
        async throws
    {
        let store = try TestStore()
        store.configuration.gateway = BrokenBank()
        let (daybook, user) = try await store.openShopWithCustomer()
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        guard case .paymentPending(let order) = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(try await daybook.status(of: order) == "pending")
        #expect(try await daybook.available("A") == 3)
        try await daybook.close()
        #expect(try store.count(of: PaymentDeclined.type) == 0)
    }

    @Test
    func `D-03 given an unreachable bank, when it is back, then reconciling pays with one key`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.follow(.down)
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        #expect(error.code == "payment_pending")
        let order = try await daybook.newestOrder(of: user)
        #expect(try await daybook.reconcilePayments().unknown == 1)
        store.bank.follow(.yes)
        _ = try await daybook.reconcilePayments()
        #expect(try await daybook.status(of: order) == "processing")
        #expect(store.bank.capturedKeys == ["\(order)/1"])
        try await daybook.close()
    }

    @Test
    func `D-19 given another amount than asked for, then it is noticed and the order held`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.amount(1))
        _ = await errorCode { try await daybook.order([("A", 2)], by: user) }
        let order = try await daybook.newestOrder(of: user)
        #expect(try await daybook.status(of: order) == "pending")
        try await daybook.close()
        #expect(try store.count(of: PaymentAmountMismatchDetected.type) == 1)
        #expect(try store.mails(about: "Order").isEmpty)
    }

    @Test
    func `D-27 given another total than expected, then price_changed and nothing is written`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        let error = try await failure {
            try await daybook.execute(
                .createOrder(
                    CreateOrder(
                        user: user, items: [OrderItem(sku: "A", quantity: 2)],
                        expectedTotal: gbp(1997))), as: .user(user))
        }
        #expect(error.kind == .rejected(.priceChanged(expected: gbp(1997), actual: gbp(1998))))
        #expect(daybook.head == head)
        #expect(store.bank.captureCount == 0)
        try await daybook.close()
    }

    @Test
    func `S-031 S-138 D-22 given an order's life, then deltas move stock and status step by step`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user).orderID
        #expect(try await daybook.status(of: order) == "processing")
        _ = try await daybook.execute(.shipOrder(ShipOrder(order: order)), as: boss)
        #expect(try await daybook.status(of: order) == "shipped")
        let stock = try await daybook.readModels.availability(
            sku: SKU(rawValue: "A")!, atLeast: daybook.head
        ).value
        #expect(stock.onHand == 3)
        #expect(stock.reserved == 0)
        try await daybook.close()
        let deltas = try store.entries().filter {
            [StockReserved.type, StockShipped.type].contains($0.type)
        }
        #expect(deltas.count == 2)
        #expect(deltas.allSatisfy { $0.payload.contains("\"quantity\":2") })
    }

    @Test
    func `T-14 given money learnt of by a message, when refunded, then it goes back`() async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.unknownThenCaptured)
        _ = try await daybook.refusal(of: [("A", 1)], by: user)
        let order = try await daybook.newestOrder(of: user)
        _ = try await daybook.reconcilePayments()
        let view = try await daybook.readModels.order(orderID: order, atLeast: daybook.head).value
        let payment = try #require(view.order.summary.paymentID)
        #expect(view.order.summary.paymentReference == "ch_\(order)/1")
        _ = try await daybook.execute(
            .refundPayment(RefundPayment(payment: payment, amount: gbp(999), reason: "gift")),
            as: boss)
        #expect(store.bank.totals.map(\.refunded) == [999])
        try await daybook.close()
        #expect(try store.count(of: RefundSucceeded.type) == 1)
    }
}
