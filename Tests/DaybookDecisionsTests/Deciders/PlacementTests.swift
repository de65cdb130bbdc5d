import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Placing an order` {
    @Test
    func
        `S-018 given stock, when two are ordered, then one batch places, reserves and asks for the payment`()
    {
        Scenario.shop().when(.order("A", 2)).then(
            "OrderPlaced #1 net 1998 tax 0 payable 1998", "StockReserved 1:A×2@main",
            "PaymentRequested 19.98 GBP attempt 1")
    }

    @Test
    func
        `S-001 S-031 S-138 given stock 5, when two are ordered, then available falls by two and on hand stays`()
    {
        let shop = Scenario.shop()
        shop.when(.order("A", 2))
        let product = shop.shop.product(sku("A"))
        #expect(product?.price == pounds("9.99"))
        #expect(product?.available == 3)
        #expect(product?.onHand == 5)
        #expect(product?.reserved == 2)
    }

    @Test
    func `S-021 D-16 given two bad items, when ordered, then the first decides and all are listed`()
    {
        let outcome = Scenario.shop().when(
            .order([
                OrderItem(sku: "A", quantity: 1), OrderItem(sku: "B", quantity: 2),
                OrderItem(sku: "A", quantity: 9),
            ]))
        outcome.thenRejected(
            "insufficient_stock", "Insufficient stock for B: 1 available, 2 requested")
        #expect(
            outcome.details == "line_number=2 sku=B available=1 requested=2 reason=insufficient "
                + "lines=[line_number=2 sku=B available=1 requested=2 reason=insufficient; "
                + "line_number=3 sku=A available=5 requested=10 reason=insufficient]")
    }

    @Test
    func
        `S-022 D-13 given no such product, when ordered, then the stock error says so with its own reason`()
    {
        let outcome = Scenario.shop().when(.order("nothing", 1))
        outcome.thenRejected("insufficient_stock", "Product not found")
        #expect(
            outcome.rejection
                == .insufficientStock([
                    LineShortage(
                        lineNumber: 1, sku: "nothing", available: 0, requested: 1,
                        reason: .productNotFound)
                ]))
    }

    @Test
    func
        `D-13 given a product withdrawn from sale, when ordered, then the reason is product_discontinued`()
    {
        let shop = Scenario.shop().given(
            .productDiscontinued(ProductDiscontinued(sku: sku("A"))))
        let outcome = shop.when(.order("A", 1))
        outcome.thenRejected("insufficient_stock", "Product A is no longer on sale")
        #expect(outcome.details.contains("reason=product_discontinued"))
    }

    @Test
    func `S-023 given stock 5, when 6 are ordered, then sku, available and requested are named`() {
        let outcome = Scenario.shop().when(.order("A", 6))
        outcome.thenRejected("insufficient_stock")
        #expect(
            outcome.rejection
                == .insufficientStock([
                    LineShortage(
                        lineNumber: 1, sku: "A", available: 5, requested: 6, reason: .insufficient)
                ]))
    }

    @Test func `S-024 given stock 5, when 5 are ordered, then it is accepted`() {
        let shop = Scenario.shop()
        shop.when(.order("A", 5)).then(
            "OrderPlaced #1 net 4995 tax 0 payable 4995", "StockReserved 1:A×5@main",
            "PaymentRequested 49.95 GBP attempt 1")
        #expect(shop.available("A") == 0)
    }

    @Test func `S-025 S-017 given too little stock, when ordered, then nothing is recorded`() {
        let shop = Scenario.shop()
        let before = shop.facts.count
        shop.when(.order("A", 6)).thenRejected("insufficient_stock")
        #expect(shop.facts.count == before)
        #expect(shop.shop.lastOrderNumber == 0)
    }

    @Test func `S-026 given a placed order, then its status is pending`() {
        let shop = Scenario.shop()
        #expect(shop.status(of: shop.placed()) == "pending")
    }

    @Test
    func
        `S-027 given one product twice, when ordered, then there are two lines in the order given`()
        throws
    {
        let outcome = Scenario.shop().when(
            .order([OrderItem(sku: "A", quantity: 3), OrderItem(sku: "A", quantity: 2)]))
        guard case .orderPlaced(let placed) = outcome.events[0] else {
            Issue.record("the first event is not OrderPlaced")
            return
        }
        #expect(placed.lines.map(\.lineNumber) == [1, 2])
        #expect(placed.lines.map(\.quantity.rawValue) == [3, 2])
    }

    @Test
    func
        `S-013 S-028 S-004 D-53 given a placed order, when price and name change, then its line keeps them`()
    {
        let shop = Scenario.shop()
        let outcome = shop.when(.order("A", 2))
        shop.when(.changePrice(ChangePrice(sku: "A", price: pounds("20.00"))))
        shop.when(.renameProduct(RenameProduct(sku: "A", productName: "New name")))
        guard case .orderPlaced(let placed) = outcome.events[0] else {
            Issue.record("the first event is not OrderPlaced")
            return
        }
        #expect(
            placed.lines == [
                OrderLine(
                    lineNumber: 1, sku: sku("A"), name: "Product A", quantity: quantity(2),
                    unitPriceMinor: 999, priceOverridden: false, netMinor: 1998, taxMinor: 0,
                    unstocked: false)
            ])
        #expect(shop.shop.order(placed.orderID)?.payableMinor == 1998)
    }

    @Test
    func
        `S-029 S-030 D-32 given three items, when ordered, then all lines are in one event and the total is their sum`()
    {
        Scenario.shop().stocked("C", 10, at: "0.01").when(
            .order([
                OrderItem(sku: "A", quantity: 1), OrderItem(sku: "B", quantity: 1),
                OrderItem(sku: "C", quantity: 7),
            ])
        ).then(
            "OrderPlaced #1 net 2006 tax 0 payable 2006",
            "StockReserved 1:A×1@main 2:B×1@main 3:C×7@main", "PaymentRequested 20.06 GBP attempt 1"
        )
    }

    @Test
    func `D-08 given stock 5, when two lines of 3 are ordered, then the sum fails at the second`() {
        Scenario.shop().when(
            .order([OrderItem(sku: "A", quantity: 3), OrderItem(sku: "A", quantity: 3)])
        ).thenRejected("insufficient_stock", "Insufficient stock for A: 5 available, 6 requested")
    }

    @Test(arguments: [-4, 0, 100_001, .max, .min])
    func `D-09 given a quantity that is no number of units, when ordered, then it is refused`(
        count: Int
    ) {
        let shop = Scenario.shop().stocked("A", 1_000_000, at: "9.99")
        let outcome = shop.when(.order("A", count)).thenRejected("invalid_quantity")
        #expect(
            outcome.rejection
                == .invalidQuantity([LineQuantityProblem(lineNumber: 1, quantity: count)]))
        #expect(shop.available("A") == 1_000_005)
    }

    @Test func `D-10 given no items, when ordered, then it is refused`() {
        Scenario.shop().when(.order([])).thenRejected("empty_order")
    }

    @Test
    func
        `D-10 given a free item, when an operator orders it, then no gateway is asked and the order is paid`()
    {
        let shop = Scenario.shop()
        let outcome = shop.when(
            .order([OrderItem(sku: "A", quantity: 1, unitPrice: pounds("0.00"))]))
        outcome.then(
            "OrderPlaced #1 net 0 tax 0 payable 0", "StockReserved 1:A×1@main",
            "MailRequested order_confirmed")
        let order = outcome.events[0].orderID ?? OrderID(rawValue: 0)
        #expect(shop.status(of: order) == "paid")
        #expect(shop.paymentState(of: order) == "none")
        #expect(shop.shop.order(order)?.expiresAt == nil)
    }

    @Test func `D-11 given more lines than the limit, when ordered, then it is refused`() {
        let shop = Scenario.shop(settings: ShopSettings(maximumLines: 2)).stocked("A", 9, at: "1")
        let line = OrderItem(sku: "A", quantity: 1)
        shop.when(.order([line, line])).then(
            "OrderPlaced #1 net 1998 tax 0 payable 1998", "StockReserved 1:A×1@main 2:A×1@main",
            "PaymentRequested 19.98 GBP attempt 1")
        shop.when(.order([line, line, line])).thenRejected(
            "too_many_lines", "3 lines are more than the limit of 2")
    }

    @Test func `D-11 given amounts beyond 64 bits, when ordered, then amount_overflow and no trap`()
    {
        let shop = Scenario.shop(settings: ShopSettings(maximumPriceMinor: .max))
            .stocked("X", 100_000, at: "92233720368547758.07")
        shop.when(.order("X", 2)).thenRejected("amount_overflow")
        shop.when(.order([OrderItem(sku: "X", quantity: 1), OrderItem(sku: "X", quantity: 1)]))
            .thenRejected("amount_overflow")
    }

    @Test func `D-12 given a deactivated or unverified user, when ordering, then it is refused`() {
        let shop = Scenario.shop()
        shop.when(.register("eve@x.org", user: 2), as: .system)
        shop.when(.order([OrderItem(sku: "A", quantity: 1)], user: eve), as: .user(eve))
            .thenRejected("email_not_verified")
        shop.when(.deactivateUser(DeactivateUser(user: bob, reason: "fraud")))
        shop.when(.order("A", 1), as: .user(bob)).thenRejected("account_disabled")
        shop.when(.order([OrderItem(sku: "A", quantity: 1)], user: UserID(rawValue: 77)))
            .thenRejected("user_not_found")
    }

    @Test
    func `D-12 given an unverified user, when an import orders for them, then it is accepted`() {
        let shop = Scenario.shop()
        shop.when(.register("eve@x.org", user: 2, hasPassword: false), as: .import)
        let outcome = shop.when(
            .order([OrderItem(sku: "A", quantity: 1)], user: eve), as: .import)
        #expect(outcome.rejection == nil)
    }

    @Test
    func
        `D-27 given another total than expected, when ordered, then price_changed and nothing written`()
    {
        let shop = Scenario.shop()
        let items = [OrderItem(sku: "A", quantity: 2)]
        shop.when(.order(items, expectedTotal: pounds("19.98"))).then(
            "OrderPlaced #1 net 1998 tax 0 payable 1998", "StockReserved 1:A×2@main",
            "PaymentRequested 19.98 GBP attempt 1")
        shop.when(.changePrice(ChangePrice(sku: "A", price: pounds("11.00"))))
        let before = shop.facts.count
        let outcome = shop.when(.order(items, expectedTotal: pounds("19.98")))
        outcome.thenRejected("price_changed")
        #expect(outcome.details == "expected_total=19.98 GBP actual_total=22.00 GBP")
        #expect(shop.facts.count == before)
    }

    @Test func `D-25 given products of two currencies, when ordered together, then it is refused`()
    {
        let shop = Scenario.shop().given(
            .productAdded(
                ProductAdded(
                    sku: sku("Y"), name: "Yen", price: Money(minor: 500, currency: jpy),
                    stocked: false, backorder: false)))
        shop.when(.order([OrderItem(sku: "A", quantity: 1), OrderItem(sku: "Y", quantity: 1)]))
            .thenRejected("currency_mismatch")
        shop.when(.order("Y", 3)).then(
            "OrderPlaced #1 net 1500 tax 0 payable 1500", "PaymentRequested 1500 JPY attempt 1")
    }

    @Test
    func `D-26 given a tax rate, when ordered, then the charge is what is shown, taxed per line`() {
        let settings = ShopSettings(taxRate: BasisPoints(rawValue: 1_000) ?? .zero)
        Scenario.shop(settings: settings).when(
            .order([OrderItem(sku: "A", quantity: 1), OrderItem(sku: "A", quantity: 1)])
        ).then(
            "OrderPlaced #1 net 1998 tax 200 payable 2198", "StockReserved 1:A×1@main 2:A×1@main",
            "PaymentRequested 21.98 GBP attempt 1")
    }

    @Test
    func `D-50 given a refused order between two, then the numbers have no gap and the ids differ`()
    {
        let shop = Scenario.shop()
        let first = shop.placed([OrderItem(sku: "A", quantity: 1)])
        shop.when(.order("A", 99)).thenRejected("insufficient_stock")
        let second = shop.placed([OrderItem(sku: "A", quantity: 1)])
        #expect(shop.shop.order(first)?.number == 1)
        #expect(shop.shop.order(second)?.number == 2)
        #expect(first != second)
    }

    @Test
    func
        `D-07 given two orders of the same products in opposite order, then both are decided in turn`()
    {
        let shop = Scenario.shop().stocked("B", 1, at: "10.00")
        let items = [OrderItem(sku: "A", quantity: 1), OrderItem(sku: "B", quantity: 1)]
        #expect(shop.when(.order(items)).rejection == nil)
        #expect(shop.when(.order(items.reversed())).rejection == nil)
        #expect(shop.available("B") == 0)
    }

    @Test
    func
        `D-54 given an order whose stored total is not the sum of its lines, then the event says so`()
    {
        let settings = ShopSettings(taxRate: BasisPoints(rawValue: 1_000) ?? .zero)
        let outcome = Scenario.shop(settings: settings).when(.order("A", 2))
        guard case .orderPlaced(var placed) = outcome.events[0] else {
            Issue.record("the first event is not OrderPlaced")
            return
        }
        #expect(Event.orderPlaced(placed).violations() == [])
        placed.payableMinor += 1
        #expect(
            Event.orderPlaced(placed).violations() == [
                "P-10 \(placed.orderID): the sums of the lines are not the order's"
            ])
        placed.lines[0].taxMinor += 1
        #expect(
            Event.orderPlaced(placed).violations().first
                == "P-11 \(placed.orderID) line 1: tax is not the rounding of net × rate")
    }

    @Test func `D-52 given a sealed address, when ordered, then the order keeps it`() {
        let outcome = Scenario.shop().when(
            .createOrder(
                Placement(
                    user: bob, items: [OrderItem(sku: "A", quantity: 1)], shippingAddress: sealed)))
        guard case .orderPlaced(let placed) = outcome.events[0] else {
            Issue.record("the first event is not OrderPlaced")
            return
        }
        #expect(placed.shippingAddress == sealed)
    }

    @Test
    func `D-49 given one clock reading, when ordered, then the deadline is that instant and a day`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        #expect(shop.shop.order(order)?.expiresAt == Instant("2026-01-02T12:00:00Z"))
        #expect(shop.shop.order(order)?.placedAt == Instant("2026-01-01T12:00:00Z"))
    }

    @Test
    func
        `S-051 given a customer, when they name a price or order for somebody else, then it is forbidden`()
    {
        let shop = Scenario.shop()
        shop.when(
            .order([OrderItem(sku: "A", quantity: 1, unitPrice: pounds("0.01"))]), as: .user(bob)
        ).thenRejected("forbidden")
        shop.when(.order("A", 1), as: .user(eve)).thenRejected("forbidden")
    }

    @Test
    func
        `given goods at two locations, when more than main has are ordered, then main is drawn on first`()
    {
        let shop = Scenario.shop().stocked("A", 4, at: "9.99", location: location("annex"))
        shop.when(
            .order([OrderItem(sku: "A", quantity: 3), OrderItem(sku: "A", quantity: 5)])
        ).then(
            "OrderPlaced #1 net 7992 tax 0 payable 7992",
            "StockReserved 1:A×3@main 2:A×2@main 2:A×3@annex",
            "PaymentRequested 79.92 GBP attempt 1"
        )
    }

    @Test func `given a product that is not stocked, when ordered, then nothing is reserved`() {
        Scenario.shop().product("POST", at: "18.00", stocked: false).when(
            .order([OrderItem(sku: "POST", quantity: 400), OrderItem(sku: "A", quantity: 1)])
        ).then(
            "OrderPlaced #1 net 720999 tax 0 payable 720999", "StockReserved 2:A×1@main",
            "PaymentRequested 7209.99 GBP attempt 1")
    }

    @Test func `given an import, when it orders, then the order says so`() {
        let shop = Scenario.shop()
        let order = shop.placed(as: .import)
        #expect(shop.shop.order(order)?.isImported == true)
    }

    @Test
    func
        `given an order of 1,100 lines of 50 products, when placed, then every product's sum is checked`()
    {
        let shop = Scenario.shop()
        for index in 0..<50 { shop.stocked("P\(index)", 22, at: "1.00") }
        let items = (0..<1_100).map { OrderItem(sku: "P\($0 % 50)", quantity: 1) }
        let outcome = shop.when(.order(items))
        #expect(outcome.rejection == nil)
        #expect(shop.available("P0") == 0)
        #expect(shop.available("P49") == 0)
        shop.when(.order(items)).thenRejected("insufficient_stock")
    }
}
