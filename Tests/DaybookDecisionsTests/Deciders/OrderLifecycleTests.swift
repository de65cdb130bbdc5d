import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `The life of an order` {
    @Test
    func
        `D-21 D-22 T-07 given a paid order, when processing starts, then it is processing, and once is enough`()
    {
        let shop = Scenario.shop()
        let order = shop.paid()
        let start = PreparedCommand.startProcessing(StartProcessing(order: order))
        shop.when(start).then("ProcessingStarted")
        #expect(shop.status(of: order) == "processing")
        shop.when(start).then()
    }

    @Test
    func
        `given an unpaid order, when processing starts, then it is refused and says what is allowed`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        let outcome = shop.when(.startProcessing(StartProcessing(order: order)))
        outcome.thenRejected(
            "illegal_transition", "StartProcessing is not possible for an order that is pending")
        #expect(
            outcome.details
                == "order_id=\(order) from=pending command=StartProcessing "
                + "allowed=CompleteOrder, CancelOrder")
    }

    @Test
    func
        `T-10 given a paid order, when cancelled, then its stock is free and its money goes back; again changes nothing`()
    {
        let shop = Scenario.shop()
        let order = shop.paid()
        shop.when(.cancel(order), as: .user(bob)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main",
            "RefundRequested 19.98 GBP")
        #expect(shop.status(of: order) == "cancelled")
        #expect(shop.available("A") == 5)
        shop.when(.cancel(order)).then()
    }

    @Test
    func `T-10 given an authorised order, when cancelled, then its authorisation is to be voided`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.cancel(order)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main",
            "PaymentVoidRequested")
    }

    @Test
    func
        `given a charge in flight, when cancelled, then the gateway is to be asked and not called`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.when(.cancel(order)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main")
        #expect(shop.intents == ["charge 19.98 GBP (ask)"])
        shop.outcome(of: order, .neverReceived).then("PaymentDeclined not_received")
        #expect(shop.intents == [])
    }

    @Test
    func
        `T-15 given a cancelled order with a charge in flight, when it is authorised after all, then it is voided`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(capture: .manual)
        shop.when(.cancel(order))
        shop.outcome(
            of: order, .authorized(reference: "ch", amount: pounds("19.98"), expiresAt: nil)
        ).then("PaymentAuthorized 19.98 GBP", "PaymentVoidRequested")
    }

    @Test
    func
        `given a cancelled order with a capture in flight, when that fails, then the authorisation is voided`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order))
        shop.when(.cancel(order)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main")
        shop.outcome(
            of: order, .declined(code: "no", reason: "no"), call: shop.captureInFlight(of: order)
        ).then("PaymentDeclined no (capture)", "PaymentVoidRequested")
    }

    @Test
    func
        `T-12 given an unpaid manual order, when its deadline has passed, then it expires and its authorisation is voided`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.wait(86_399)
        shop.when(.expire(order), as: .system).thenRejected(
            "not_due", "The order can be paid until 2026-01-02T12:00:00Z")
        #expect(shop.shop.ordersDue(at: shop.now, limit: 10) == [])
        shop.wait(1)
        #expect(shop.shop.ordersDue(at: shop.now, limit: 10) == [order])
        shop.when(.expire(order), as: .system).then(
            "OrderExpired", "StockReleased expired 1:A×2@main", "PaymentVoidRequested")
        #expect(shop.status(of: order) == "expired")
        shop.when(.expire(order), as: .system).then()
        shop.when(.cancel(order)).thenRejected("illegal_transition")
    }

    @Test
    func
        `P-39 given a charge in flight or a paid order, when the deadline has passed, then it does not expire`()
    {
        let shop = Scenario.shop()
        let inFlight = shop.placed([OrderItem(sku: "A", quantity: 1)])
        let paid = shop.paid([OrderItem(sku: "A", quantity: 1)])
        shop.wait(100_000)
        #expect(shop.shop.ordersDue(at: shop.now, limit: 10) == [])
        shop.when(.expire(inFlight), as: .system).thenRejected("payment_in_flight")
        shop.when(.expire(paid), as: .system).thenRejected("illegal_transition")
    }

    @Test func `given no deadline, when placed, then the order never expires`() {
        let shop = Scenario.shop(settings: ShopSettings(paymentDeadline: nil))
        let order = shop.authorized()
        shop.wait(100_000_000)
        shop.when(.expire(order), as: .system).thenRejected("not_due", "The order has no deadline")
    }

    @Test
    func `given a customer, when they act on a foreign order, then it does not exist for them`() {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.when(.cancel(order), as: .user(eve)).thenRejected("order_not_found")
        shop.when(.ship(order), as: .user(bob)).thenRejected("forbidden")
    }
}

@Suite struct `Shipping and returning` {
    private func paidOrder() -> (Scenario, OrderID) {
        let shop = Scenario.shop().product("POST", at: "2.00", stocked: false)
        let order = shop.paid([
            OrderItem(sku: "A", quantity: 3), OrderItem(sku: "POST", quantity: 1),
        ])
        return (shop, order)
    }

    @Test
    func
        `T-08 given a paid order, when everything is shipped, then goods leave and the order is shipped`()
    {
        let (shop, order) = paidOrder()
        shop.when(.ship(order)).then("ShipmentDispatched 1×3 2×1", "StockShipped 1:A×3@main")
        #expect(shop.status(of: order) == "shipped")
        #expect(shop.shop.product(sku("A"))?.onHand == 2)
        #expect(shop.shop.product(sku("A"))?.reserved == 0)
        shop.when(.ship(order)).thenRejected("illegal_transition")
        shop.when(.cancel(order)).thenRejected("illegal_transition")
    }

    @Test
    func `T-08 given a paid order, when shipped in parts, then it is processing until the last`() {
        let (shop, order) = paidOrder()
        shop.when(.ship(order, [LineShipment(lineNumber: 1, quantity: 1)])).then(
            "ShipmentDispatched 1×1", "StockShipped 1:A×1@main")
        #expect(shop.status(of: order) == "processing")
        let outcome = shop.when(
            .ship(
                order,
                [
                    LineShipment(lineNumber: 1, quantity: 2),
                    LineShipment(lineNumber: 1, quantity: 1),
                ]
            ))
        outcome.thenRejected("over_shipment", "Cannot ship 3 of line 1; at most 2 are possible")
        shop.when(.ship(order, [LineShipment(lineNumber: 9, quantity: 1)])).thenRejected(
            "over_shipment")
        shop.when(.ship(order, [LineShipment(lineNumber: 1, quantity: 0)])).thenRejected(
            "invalid_quantity")
        shop.when(.ship(order, [])).thenRejected("validation_failed")
        shop.when(.ship(order)).then("ShipmentDispatched 1×2 2×1", "StockShipped 1:A×2@main")
        #expect(shop.status(of: order) == "shipped")
    }

    @Test
    func
        `given goods kept elsewhere, when shipped from main, then only what is kept there can leave`()
    {
        let shop = Scenario.shop().stocked("A", 4, at: "9.99", location: location("annex"))
        let order = shop.paid([OrderItem(sku: "A", quantity: 7)])
        shop.when(.ship(order)).then("ShipmentDispatched 1×5", "StockShipped 1:A×5@main")
        shop.when(.ship(order)).thenRejected("over_shipment")
        shop.when(
            .shipOrder(ShipOrder(order: order, location: location("annex")))
        ).then("ShipmentDispatched 1×2", "StockShipped 1:A×2@annex")
        #expect(shop.status(of: order) == "shipped")
    }

    @Test func `given an unpaid order, when shipped, then it is refused`() {
        let shop = Scenario.shop()
        shop.when(.ship(shop.placed())).thenRejected("illegal_transition")
    }

    @Test
    func
        `T-13 given a shipped order, when goods come back, then undamaged ones are for sale again`()
    {
        let (shop, order) = paidOrder()
        shop.when(.ship(order))
        let lines = [
            LineReturn(lineNumber: 1, quantity: 3), LineReturn(lineNumber: 2, quantity: 1),
        ]
        let requested = shop.when(.requestReturn(RequestReturn(order: order, lines: lines))).then(
            "ReturnRequested 1×3 2×1")
        guard case .returnRequested(let event) = requested.events[0] else { return }
        let receipt = PreparedCommand.receiveReturn(
            ReceiveReturn(
                returnID: event.returnID, order: order,
                lines: [
                    LineReceipt(lineNumber: 1, received: 3, damaged: 1),
                    LineReceipt(lineNumber: 2, received: 1),
                ], restock: true))
        shop.when(receipt).then("ReturnReceived 1×3-1 2×1-0", "StockRestocked 1:A×2@main")
        #expect(shop.status(of: order) == "returned")
        #expect(shop.shop.product(sku("A"))?.onHand == 4)
        shop.when(receipt).thenRejected("illegal_transition")
    }

    @Test func `T-13 given a shipped order, when more is returned than was sent, then over_return`()
    {
        let (shop, order) = paidOrder()
        shop.when(.ship(order, [LineShipment(lineNumber: 1, quantity: 2)]))
        func request(_ count: Int) -> PreparedCommand {
            .requestReturn(
                RequestReturn(order: order, lines: [LineReturn(lineNumber: 1, quantity: count)]))
        }
        shop.when(request(3)).thenRejected(
            "over_return", "Cannot take back 3 of line 1; at most 2 are possible")
        let first = shop.when(request(1)).then("ReturnRequested 1×1")
        shop.when(request(2)).thenRejected("over_return")
        guard case .returnRequested(let event) = first.events[0] else { return }
        func receive(_ count: Int, restock: Bool) -> PreparedCommand {
            .receiveReturn(
                ReceiveReturn(
                    returnID: event.returnID, order: order,
                    lines: [LineReceipt(lineNumber: 1, received: count)], restock: restock))
        }
        shop.when(receive(2, restock: false)).thenRejected("over_return")
        shop.when(receive(-1, restock: false)).thenRejected("validation_failed")
        shop.when(receive(1, restock: false)).then("ReturnReceived 1×1-0")
        #expect(shop.status(of: order) == "processing")
        shop.when(
            .receiveReturn(
                ReceiveReturn(
                    returnID: ReturnID(rawValue: 4), order: order,
                    lines: [LineReceipt(lineNumber: 1, received: 1)], restock: false))
        ).thenRejected("return_not_found")
    }

    @Test func `given nothing was sent, when a return is requested, then it is refused`() {
        let (shop, order) = paidOrder()
        shop.when(
            .requestReturn(
                RequestReturn(order: order, lines: [LineReturn(lineNumber: 1, quantity: 1)]))
        ).thenRejected("illegal_transition")
    }
}
