import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import Testing

/// Golden traces G-1 to G-6: an order, from placing to the bank's answer.
@Suite struct GoldenOrderTests {
    @Test
    func `G-1 S-018 S-015 S-029 S-034 S-041 given stock, when paid, then two batches and paid`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        let order = try await daybook.order([("A", 2)], by: user)
        #expect(order.status == .paid)
        #expect(order.payable == gbp(1998))
        #expect(order.payment != nil)
        #expect(try await daybook.available("A") == 3)
        try await daybook.close()
        let batches = try store.batches(after: head)
        #expect(
            batches == [
                [OrderPlaced.type, StockReserved.type, PaymentRequested.type],
                [PaymentCaptured.type, MailRequested.type],
                [ProcessingStarted.type],
            ])
        #expect(store.bank.callCount(forKey: "\(order.orderID)/1") == 1)
        #expect(store.bank.captureCount == 1)
    }

    @Test
    func `G-2 D-01 S-036 S-040 given a decline, then payment_failed, stock back and no mail`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        store.bank.followOnce(.decline(code: "insufficient_funds"))
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        guard case .paymentFailed(let order, let code) = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(error.code == "payment_failed")
        #expect(code == "insufficient_funds")
        #expect(error.message.contains("\(order)"))
        #expect(try await daybook.status(of: order) == "payment_failed")
        #expect(try await daybook.available("A") == 5)
        let next = try await daybook.order([("A", 1)], by: user)
        #expect(next.orderID != order)
        #expect(next.orderNumber == 2)
        try await daybook.close()
        #expect(
            try store.batches(after: head).prefix(2) == [
                [OrderPlaced.type, StockReserved.type, PaymentRequested.type],
                [PaymentDeclined.type, StockReleased.type],
            ])
        #expect(try store.mails(about: "Order \(order)").isEmpty)
    }

    @Test
    func `G-3 D-08 given stock 5, when A×3 and A×3 are ordered, then line 2 fails`() async throws {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        let error = try await daybook.refusal(of: [("A", 3), ("A", 3)], by: user)
        #expect(
            error.kind
                == .rejected(
                    .insufficientStock([
                        LineShortage(
                            lineNumber: 2, sku: "A", available: 5, requested: 6,
                            reason: .insufficient)
                    ])))
        #expect(error.code == "insufficient_stock")
        #expect(daybook.head == head)
        #expect(try await daybook.available("A") == 5)
        try await daybook.close()
    }

    @Test
    func `G-4 S-021 D-16 given two bad items, then the first decides and both are listed`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let error = try await daybook.refusal(of: [("B", 999), ("unknown", 1)], by: user)
        guard case .rejected(.insufficientStock(let lines)) = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(lines.count == 2)
        #expect(
            lines[0]
                == LineShortage(
                    lineNumber: 1, sku: "B", available: 1, requested: 999, reason: .insufficient))
        #expect(lines[1].sku == "unknown")
        #expect(lines[1].reason == .productNotFound)
        #expect(error.message.contains("B") && error.message.contains("999"))
        try await daybook.close()
    }

    @Test
    func `G-5 S-022 D-13 given an unknown product, then Product not found with its own reason`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let error = try await daybook.refusal(of: [("unknown", 1)], by: user)
        #expect(error.code == "insufficient_stock")
        #expect(error.message == "Product not found")
        _ = try await daybook.execute(
            .discontinueProduct(DiscontinueProduct(sku: "B")), as: boss)
        let withdrawn = try await daybook.refusal(of: [("B", 1)], by: user)
        guard case .rejected(.insufficientStock(let lines)) = withdrawn.kind else {
            Issue.record("\(withdrawn)")
            return
        }
        #expect(lines.map(\.reason) == [.productDiscontinued])
        try await daybook.close()
    }

    @Test
    func `G-6 S-025 S-040 given A×−4, A×0 or nothing, then nothing is appended or charged`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let head = daybook.head
        #expect(try await daybook.refusal(of: [("A", -4)], by: user).code == "invalid_quantity")
        #expect(try await daybook.refusal(of: [("A", 0)], by: user).code == "invalid_quantity")
        #expect(try await daybook.refusal(of: [], by: user).code == "empty_order")
        #expect(daybook.head == head)
        #expect(store.bank.captureCount == 0)
        try await daybook.close()
        #expect(try store.mails(about: "Order").isEmpty)
    }

    @Test
    func
        `G-20 D-26 given 1,000 basis points, then taxes are rounded by the named rule and charged`()
        async throws
    {
        let rate = try #require(BasisPoints(rawValue: 1000))
        for (rounding, taxes) in [
            (Rounding.halfUp, [100, 2, 3] as [Int64]), (.halfEven, [100, 2, 2]),
        ] {
            let store = try TestStore(shop: ShopSettings(taxRate: rate, rounding: rounding))
            let daybook = try await store.open()
            let user = try await daybook.customer()
            for (net, tax) in zip([999, 15, 25] as [Int64], taxes) {
                let sku = "P\(net)"
                _ = try await daybook.transaction(
                    [
                        .addProduct(AddProduct(sku: sku, productName: sku, price: gbp(net))),
                        .receiveStock(ReceiveStock(sku: sku, quantity: 1)),
                    ], as: boss)
                let order = try await daybook.order([(sku, 1)], by: user)
                #expect(order.payable == gbp(net + tax))
                let request = store.bank.chargeRequest(forKey: "\(order.orderID)/1")
                #expect(request?.amount == gbp(net + tax))
            }
            try await daybook.close()
        }
    }
}
