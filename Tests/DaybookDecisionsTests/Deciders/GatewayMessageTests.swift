import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Messages of the payment provider` {
    @Test
    func
        `given a pending order, when a message quotes our key, then it is matched and acted upon once`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "PaymentCaptured 19.98 GBP",
            "MailRequested order_confirmed")
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then()
        shop.message("evt_2", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true")
        #expect(shop.status(of: order) == "paid")
    }

    @Test
    func
        `given an authorised order, when a message names it as the provider does, then it is matched`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order))
        shop.message("evt_1", .captured, "ch_\(order)", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "PaymentCaptured 19.98 GBP",
            "MailRequested order_confirmed")
        #expect(shop.intents == ["mail order_confirmed"])
    }

    @Test
    func
        `given an unknown reference, when a message comes, then it is kept and acted upon when the reply tells whose it is`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(capture: .manual)
        shop.message("evt_1", .captured, "ch_77", pounds("19.98")).then(
            "GatewayEventReceived captured matched false")
        #expect(shop.status(of: order) == "pending")
        shop.outcome(
            of: order, .authorized(reference: "ch_77", amount: pounds("19.98"), expiresAt: nil)
        ).then(
            "PaymentAuthorized 19.98 GBP", "PaymentCaptured 19.98 GBP",
            "MailRequested order_confirmed")
        shop.message("evt_1", .captured, "ch_77", pounds("19.98")).then()
        #expect(shop.status(of: order) == "paid")
    }

    @Test
    func
        `given an unmatched message of the same news, when the reply arrives, then there is one capture`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.message("evt_1", .captured, "ch_\(order)", pounds("19.98"))
        shop.captured(order).then("PaymentCaptured 19.98 GBP", "MailRequested order_confirmed")
    }

    @Test
    func
        `given a capture message before the authorisation message, then the order is paid and the late one changes nothing`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(capture: .manual)
        shop.message("evt_2", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "PaymentCaptured 19.98 GBP",
            "MailRequested order_confirmed")
        shop.message("evt_1", .authorized, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived authorized matched true")
    }

    @Test
    func
        `D-19 given a message without an amount, then it proves nothing and the payment stays to be asked for`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.message("evt_1", .captured, "\(order)/1").then(
            "GatewayEventReceived captured matched true")
        #expect(shop.intents == ["charge 19.98 GBP"])
    }

    @Test
    func
        `given a message seen 31 days ago, when it comes again, then it is taken in again but changes nothing`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98"))
        shop.wait(31 * 86_400)
        shop.message("evt_2", .voided, "nobody").then(
            "GatewayEventReceived voided matched false")
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true")
    }

    @Test
    func
        `given a declined order, when an authorisation arrives after all, then it is given back once`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(capture: .manual)
        shop.outcome(of: order, .declined(code: "no", reason: "no"))
        shop.message("evt_1", .authorized, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived authorized matched true", "PaymentVoidRequested")
        shop.message("evt_2", .voided, "\(order)/void").then(
            "GatewayEventReceived voided matched true", "PaymentVoided")
        shop.message("evt_3", .authorized, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived authorized matched true")
        #expect(shop.status(of: order) == "payment_failed")
    }

    @Test
    func
        `given a declined order, when money arrives after all, then it goes back and the order stays failed`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .declined(code: "no", reason: "no"))
        shop.message("evt_1", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true", "LatePaymentReceived 19.98 GBP",
            "RefundRequested 19.98 GBP")
        #expect(shop.status(of: order) == "payment_failed")
        shop.message("evt_3", .captured, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived captured matched true")
        shop.message("evt_2", .refunded, "\(order)/1", pounds("19.98")).then(
            "GatewayEventReceived refunded matched true", "RefundSucceeded 19.98 GBP")
        #expect(shop.paymentState(of: order) == "refunded")
        #expect(shop.intents == [])
    }

    @Test
    func
        `given a refund in flight, when the provider says it failed, then it can be asked for again`()
    {
        let shop = Scenario.shop()
        let order = shop.paid()
        shop.when(.cancel(order))
        shop.message("evt_1", .refundFailed, "ch_\(order)", pounds("19.98")).then(
            "GatewayEventReceived refund_failed matched true", "RefundFailed 19.98 GBP")
        shop.when(
            .refundPayment(
                RefundPayment(
                    payment: shop.payment(of: order), amount: pounds("19.98"), reason: "again"))
        ).then("RefundRequested 19.98 GBP")
    }

    @Test func `given an empty message id, then it is refused`() {
        Scenario.shop().message("", .voided, "x").thenRejected("validation_failed")
    }
}
