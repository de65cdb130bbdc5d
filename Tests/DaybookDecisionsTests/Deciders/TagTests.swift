import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Tags` {
    private func tags(_ facts: [Fact]) -> [[String]] {
        facts.map { $0.event.tags.map(\.label) }
    }

    @Test func `given an order from placing to return, then all its events carry its tag`() {
        let shop = Scenario.shop()
        let start = shop.facts.count
        let order = shop.authorized()
        shop.when(.complete(order))
        shop.outcome(
            of: order, .captured(reference: "ch", amount: pounds("19.98")),
            call: shop.captureInFlight(of: order))
        shop.when(.startProcessing(StartProcessing(order: order)))
        shop.when(.ship(order))
        shop.when(
            .requestReturn(
                RequestReturn(order: order, lines: [LineReturn(lineNumber: 1, quantity: 1)])))
        let returnID = shop.shop.order(order)?.returns.first?.id ?? ReturnID(rawValue: 0)
        shop.when(
            .receiveReturn(
                ReceiveReturn(
                    returnID: returnID, order: order,
                    lines: [LineReceipt(lineNumber: 1, received: 1)], restock: true)))
        shop.when(
            .refundPayment(
                RefundPayment(
                    payment: shop.payment(of: order), amount: pounds("1.00"), reason: "x")))
        let facts = Array(shop.facts[start...])
        for fact in facts {
            #expect(fact.event.orderID == order)
            #expect(fact.event.tags.contains(order.tag))
        }
        #expect(
            tags(facts) == [
                ["order", "user"], ["order", "sku"], ["order", "payment"], ["order", "payment"],
                ["order", "payment"], ["order", "payment"], ["mail", "user", "order"], ["order"],
                ["order", "shipment"], ["order", "shipment", "sku"], ["order", "return"],
                ["order", "return"], ["order", "return", "sku"], ["order", "payment"],
            ])
    }

    @Test func `given an account, then its events carry user, address and link`() {
        let shop = Scenario()
        shop.when(.register("carol@x.org", user: 3))
        #expect(
            tags(shop.facts) == [
                ["user", "email"], ["verification", "user"], ["mail", "user", "verification"],
            ])
        let address = shop.facts[0].event.tags[1]
        #expect(address == Tag(label: "email", text: digest("carol@x.org").description))
        #expect(digest("carol@x.org").description.count == 64)
    }

    @Test func `given a product on two lines, then its tag stands once`() {
        let shop = Scenario.shop()
        let outcome = shop.when(
            .order([OrderItem(sku: "A", quantity: 1), OrderItem(sku: "A", quantity: 1)]))
        #expect(outcome.events[1].tags.map(\.description).filter { $0 == "sku:A" }.count == 1)
    }

    @Test func `given a message of the provider, then it is found by its id and by its payment`() {
        let shop = Scenario.shop()
        let order = shop.placed()
        #expect(
            shop.message("evt_1", .voided, "x").events[0].tags
                == [Tag(label: "gateway", text: "evt_1")])
        #expect(
            shop.message("evt_2", .captured, "\(order)/1", pounds("19.98")).events[0].tags
                == [Tag(label: "gateway", text: "evt_2"), shop.payment(of: order).tag])
    }
}
