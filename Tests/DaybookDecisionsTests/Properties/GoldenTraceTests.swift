import DaybookCore
import DaybookDecisions
import Testing

/// The traces of DOMAIN section 6 that need neither disk nor network.
@Suite struct `Golden traces` {
    @Test
    func
        `G-1 given an enabled user, when A×2 is ordered and captured, then two batches and three available`()
    {
        let shop = Scenario.shop()
        shop.when(.order("A", 2), as: .user(bob)).then(
            "OrderPlaced #1 net 1998 tax 0 payable 1998", "StockReserved 1:A×2@main",
            "PaymentRequested 19.98 GBP attempt 1")
        let order = OrderID(rawValue: 101)
        shop.captured(order).then("PaymentCaptured 19.98 GBP", "MailRequested order_confirmed")
        #expect(shop.status(of: order) == "paid")
        #expect(shop.available("A") == 3)
    }

    @Test
    func
        `G-2 given G-1, when the gateway declines, then the stock is free and the order can be fetched`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .declined(code: "card_declined", reason: "No")).then(
            "PaymentDeclined card_declined", "StockReleased declined 1:A×2@main")
        #expect(shop.available("A") == 5)
        #expect(shop.status(of: order) == "payment_failed")
        #expect(shop.intents == [])
    }

    @Test
    func
        `G-3 given G-1, when A×3 and A×3 are ordered, then line 2 is named and nothing is recorded`()
    {
        let shop = Scenario.shop()
        let before = shop.facts.count
        let outcome = shop.when(
            .order([OrderItem(sku: "A", quantity: 3), OrderItem(sku: "A", quantity: 3)]))
        #expect(
            outcome.rejection
                == .insufficientStock([
                    LineShortage(
                        lineNumber: 2, sku: "A", available: 5, requested: 6, reason: .insufficient)
                ]))
        #expect(shop.facts.count == before)
    }

    @Test
    func
        `G-4 given G-1, when B×999 and something unknown are ordered, then the first decides and both are listed`()
    {
        let outcome = Scenario.shop().when(
            .order([OrderItem(sku: "B", quantity: 999), OrderItem(sku: "unknown", quantity: 1)]))
        #expect(
            outcome.rejection
                == .insufficientStock([
                    LineShortage(
                        lineNumber: 1, sku: "B", available: 1, requested: 999, reason: .insufficient
                    ),
                    LineShortage(
                        lineNumber: 2, sku: "unknown", available: 0, requested: 1,
                        reason: .productNotFound),
                ]))
    }

    @Test func `G-5 given G-1, when something unknown is ordered, then Product not found`() {
        Scenario.shop().when(.order("unknown", 1)).thenRejected(
            "insufficient_stock", "Product not found")
    }

    @Test func `G-6 given G-1, when A×−4, A×0 or nothing is ordered, then nothing is recorded`() {
        let shop = Scenario.shop()
        let before = shop.facts.count
        shop.when(.order("A", -4)).thenRejected("invalid_quantity")
        shop.when(.order("A", 0)).thenRejected("invalid_quantity")
        shop.when(.order([])).thenRejected("empty_order")
        #expect(shop.facts.count == before)
        #expect(shop.intents == [])
    }

    @Test
    func
        `G-8 given a time-out, when a message says captured, then once, and a copy of it changes nothing`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .unknown(cause: "timeout"))
        #expect(shop.status(of: order) == "pending")
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "PaymentCaptured 19.98 GBP",
            "MailRequested order_confirmed")
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then()
    }

    @Test func `G-9 given a message before the reply, then there is exactly one PaymentCaptured`() {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98"))
        shop.captured(order).then()
        #expect(shop.brief().filter { $0.hasPrefix("PaymentCaptured") }.count == 1)
        #expect(shop.brief().filter { $0.hasPrefix("MailRequested") }.count == 1)
    }

    @Test
    func
        `G-10 given an unknown outcome, when the deadline passes, then not expired; after a decline payment_failed`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .unknown(cause: "timeout"))
        shop.wait(100_000)
        shop.when(.expire(order), as: .system).thenRejected("payment_in_flight")
        shop.outcome(of: order, .declined(code: "no", reason: "no"))
        #expect(shop.status(of: order) == "payment_failed")
    }

    @Test
    func
        `G-11 given a cancelled order, when its capture arrives, then it is late and goes back, once`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.when(.cancel(order))
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "LatePaymentReceived 19.98 GBP",
            "RefundRequested 19.98 GBP")
        shop.captured(order).then()
        #expect(shop.status(of: order) == "cancelled")
        #expect(shop.intents == ["refund 19.98 GBP"])
    }

    @Test func `G-13 given manual capture, when completed twice, then one capture and one mail`() {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order)).then("PaymentCaptureRequested 19.98 GBP")
        shop.when(.complete(order)).then()
        shop.outcome(
            of: order, .captured(reference: "ch", amount: pounds("19.98")),
            call: shop.captureInFlight(of: order)
        ).then("PaymentCaptured 19.98 GBP", "MailRequested order_confirmed")
        shop.when(.complete(order)).then()
    }

    @Test
    func
        `G-14 given a registration at 12:00:00.25, when verified at +86,400 s exactly or 1 ms later, then accepted or text 1`()
    {
        func registered() -> (Scenario, Instant) {
            let shop = Scenario(at: "2026-01-01T12:00:00.25Z")
            shop.when(.register("carol@x.org", user: 3), as: .system)
            return (shop, Instant("2026-01-02T12:00:00.25Z") ?? shop.now)
        }
        let (inTime, expiry) = registered()
        inTime.now = expiry
        inTime.when(.verify(link: 53, user: 3, expiresAt: expiry)).then("EmailVerified")
        let (late, _) = registered()
        late.now = Instant(microseconds: expiry.microseconds + 1_000)
        late.when(.verify(link: 53, user: 3, expiresAt: expiry)).thenRejected(
            "token_invalid_or_expired", "Invalid or expired token")
    }

    @Test func `G-15 given two verifies at once, then one EmailVerified and text 2 for the other`()
    {
        let shop = Scenario()
        shop.when(.register("carol@x.org", user: 3), as: .system)
        let verify = PreparedCommand.verify(
            link: 53, user: 3, expiresAt: shop.now.advanced(bySeconds: 86_400))
        shop.when(verify).then("EmailVerified")
        shop.when(verify).thenRejected("token_used_or_unknown", "Token already used or not found")
    }

    @Test
    func
        `G-16 given Bob@EXAMPLE.com, when bob@example.com registers, then email_already_registered`()
    {
        let shop = Scenario()
        shop.when(.register("Bob@EXAMPLE.com", user: 3), as: .system)
        shop.when(.register("bob@example.com", user: 4), as: .system).thenRejected(
            "email_already_registered", "Email bob@example.com is already registered")
    }

    @Test
    func
        `G-17 given a user deactivated before using the link, when verifying, then still disabled`()
    {
        let shop = Scenario()
        shop.when(.register("carol@x.org", user: 3), as: .system)
        shop.when(.deactivateUser(DeactivateUser(user: UserID(rawValue: 3), reason: "fraud")))
        shop.when(
            .verify(link: 53, user: 3, expiresAt: shop.now.advanced(bySeconds: 86_400))
        ).thenRejected("account_disabled")
        #expect(shop.shop.user(UserID(rawValue: 3))?.isDeactivated == true)
        #expect(shop.shop.user(UserID(rawValue: 3))?.isVerified == false)
    }

    @Test(arguments: [
        (Rounding.halfUp, "9.99", Int64(100)), (.halfUp, "0.15", 2), (.halfUp, "0.25", 3),
        (.halfEven, "9.99", 100), (.halfEven, "0.15", 2), (.halfEven, "0.25", 2),
    ])
    func `G-20 given 1,000 basis points, when placed, then the tax is rounded by the named rule`(
        rounding: Rounding, net: String, tax: Int64
    ) {
        let settings = ShopSettings(
            taxRate: BasisPoints(rawValue: 1_000) ?? .zero, rounding: rounding)
        let shop = Scenario.shop(settings: settings).stocked("T", 1, at: net)
        let order = shop.placed([OrderItem(sku: "T", quantity: 1)])
        #expect(shop.shop.order(order)?.taxMinor == tax)
        #expect(shop.shop.order(order)?.payableMinor == pounds(net).minor + tax)
    }
}
