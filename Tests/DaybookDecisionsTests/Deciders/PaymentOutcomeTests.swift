import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Outcomes of payments` {
    @Test
    func
        `S-033 S-059 D-04 given an order, then the gateway is to be asked once, in minor units, under a key of order and attempt`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        guard case .charge(let charge)? = shop.shop.pendingIntents.first?.kind else {
            Issue.record("no charge is asked for")
            return
        }
        #expect(shop.shop.pendingIntents.count == 1)
        #expect(charge.amount == Money(minor: 1998, currency: gbp))
        #expect(charge.userID == bob)
        #expect(charge.gatewayKey == "\(order)/1")
        #expect(charge.captureMode == .automatic)
    }

    @Test
    func
        `S-034 S-039 S-041 D-17 given an order, when captured, then it is paid and one mail is asked for in the same batch`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.captured(order).then("PaymentCaptured 19.98 GBP", "MailRequested order_confirmed")
        #expect(shop.status(of: order) == "paid")
        #expect(shop.shop.order(order)?.payment?.reference == "ch_\(order)")
        #expect(shop.intents == ["mail order_confirmed"])
    }

    @Test
    func
        `S-036 S-037 S-040 D-01 T-04 given an order, when declined, then it stays as payment_failed, its stock is free and no mail goes out`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .declined(code: "insufficient_funds", reason: "No money")).then(
            "PaymentDeclined insufficient_funds", "StockReleased declined 1:A×2@main")
        #expect(shop.status(of: order) == "payment_failed")
        #expect(shop.paymentState(of: order) == "declined")
        #expect(shop.available("A") == 5)
        #expect(shop.intents == [])
        #expect(shop.placed() != order)
    }

    @Test
    func
        `D-03 S-038 T-03 given an order, when the outcome is unknown, then it is pending, its stock is kept and the gateway is to be asked`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .unknown(cause: "timeout")).then("PaymentOutcomeUnknown timeout")
        #expect(shop.status(of: order) == "pending")
        #expect(shop.paymentState(of: order) == "unknown")
        #expect(shop.available("A") == 3)
        #expect(shop.intents == ["charge 19.98 GBP (ask)"])
        shop.outcome(of: order, .unknown(cause: "again")).then()
    }

    @Test
    func
        `D-02 given an unknown outcome, when the provider never received the call, then it is to be made again`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .unknown(cause: "timeout"))
        shop.outcome(of: order, .neverReceived).then()
        shop.captured(order).then("PaymentCaptured 19.98 GBP", "MailRequested order_confirmed")
    }

    @Test
    func
        `D-19 given an order, when another amount was captured, then it is held and a person must look`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(of: order, .captured(reference: "ch_1", amount: pounds("19.99"))).then(
            "PaymentAmountMismatchDetected 19.98 GBP 19.99 GBP")
        #expect(shop.status(of: order) == "pending")
        #expect(shop.paymentState(of: order) == "unknown")
        #expect(shop.intents == [])
        shop.wait(90_000)
        #expect(shop.shop.ordersDue(at: shop.now, limit: 9) == [])
        shop.when(.expire(order)).thenRejected("payment_in_flight")
        shop.when(.cancel(order)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main",
            "RefundRequested 19.99 GBP")
    }

    @Test
    func
        `D-19 given an order, when another currency was captured, then it is held and nothing is counted`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(
            of: order, .captured(reference: "ch_1", amount: Money(minor: 1998, currency: jpy))
        ).then("PaymentAmountMismatchDetected 19.98 GBP 1998 JPY")
        #expect(shop.shop.order(order)?.payment?.receivedMinor == 0)
        shop.when(.startProcessing(StartProcessing(order: order))).thenRejected(
            "illegal_transition")
    }

    @Test
    func
        `D-19 given a manual order, when another amount was authorised, then it is held and cancelling voids it`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(capture: .manual)
        shop.outcome(
            of: order, .authorized(reference: "ch_1", amount: pounds("1.00"), expiresAt: nil)
        ).then("PaymentAuthorized 1.00 GBP", "PaymentAmountMismatchDetected 19.98 GBP 1.00 GBP")
        shop.when(.complete(order)).thenRejected("illegal_transition")
        shop.when(.cancel(order)).then(
            "OrderCancelled changed mind", "StockReleased cancelled 1:A×2@main",
            "PaymentVoidRequested")
    }

    @Test
    func `given a first attempt, when an outcome of another attempt is recorded, then it is stale`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        shop.outcome(
            of: order, .captured(reference: "x", amount: pounds("19.98")),
            call: .charge(attempt: 2)
        ).thenRejected("stale_attempt", "Attempt 2 is over; the current one is 1")
    }

    @Test func `given no such payment, when an outcome is recorded, then it is refused`() {
        Scenario.shop().when(
            .recordPaymentOutcome(
                RecordPaymentOutcome(
                    payment: PaymentID(rawValue: 5), call: .charge(attempt: 1),
                    outcome: .unknown(cause: "x"))), as: .gateway
        ).thenRejected("payment_not_found")
    }
}

@Suite struct `Captures, voids and refunds` {
    @Test
    func
        `S-123 S-126 D-23 T-06 given an authorised pending order, when completed, then its payment is to be captured and its status stays`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        #expect(shop.status(of: order) == "pending")
        shop.when(.complete(order)).then("PaymentCaptureRequested 19.98 GBP")
        #expect(shop.status(of: order) == "pending")
        guard case .capture(let capture)? = shop.shop.pendingIntents.first?.kind else {
            Issue.record("no capture is asked for")
            return
        }
        #expect(capture.reference == "ch_\(order)")
        #expect(capture.gatewayKey == "\(order)/\(capture.captureID)")
    }

    @Test
    func
        `S-125 given a completion, when the capture fails, then no mail goes out and it can be completed again`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order))
        shop.outcome(
            of: order, .declined(code: "expired_card", reason: "Card expired"),
            call: shop.captureInFlight(of: order)
        ).then("PaymentDeclined expired_card (capture)")
        #expect(shop.intents == [])
        #expect(shop.paymentState(of: order) == "authorized")
        #expect(shop.available("A") == 3)
        shop.when(.complete(order)).then("PaymentCaptureRequested 19.98 GBP")
    }

    @Test
    func
        `D-24 given orders that are unpaid, declined or cancelled, when completed, then they are refused`()
    {
        let shop = Scenario.shop()
        let pending = shop.placed([OrderItem(sku: "A", quantity: 1)], capture: .manual)
        shop.when(.complete(pending)).thenRejected("payment_in_flight")
        shop.outcome(of: pending, .declined(code: "no", reason: "no"))
        let outcome = shop.when(.complete(pending)).thenRejected("illegal_transition")
        #expect(
            outcome.details
                == "order_id=\(pending) from=payment_failed command=CompleteOrder "
                + "allowed=CancelOrder")
        let cancelled = shop.authorized([OrderItem(sku: "A", quantity: 1)])
        shop.when(.cancel(cancelled))
        shop.when(.complete(cancelled)).thenRejected("illegal_transition")
        shop.when(.complete(OrderID(rawValue: 7))).thenRejected("order_not_found")
    }

    @Test
    func
        `given an authorisation that expired, when completed, then authorization_expired, at its instant not yet`()
    {
        let shop = Scenario.shop()
        let expiry = shop.now.advanced(bySeconds: 100)
        let order = shop.authorized(expiresAt: expiry)
        shop.wait(101)
        shop.when(.complete(order)).thenRejected("authorization_expired")
        shop.now = expiry
        shop.when(.complete(order)).then("PaymentCaptureRequested 19.98 GBP")
    }

    @Test
    func `given an authorisation, when captured in two parts, then the mail follows the second`() {
        let shop = Scenario.shop()
        let order = shop.authorized()
        let payment = shop.payment(of: order)
        shop.when(.capturePayment(CapturePayment(payment: payment, amount: pounds("20.00"))))
            .thenRejected("amount_exceeds_authorized")
        shop.when(.capturePayment(CapturePayment(payment: payment, amount: pounds("5.00")))).then(
            "PaymentCaptureRequested 5.00 GBP")
        shop.when(.capturePayment(CapturePayment(payment: payment))).thenRejected(
            "illegal_transition")
        shop.outcome(
            of: order, .captured(reference: "ch", amount: pounds("5.00")),
            call: shop.captureInFlight(of: order)
        ).then("PaymentCaptured 5.00 GBP")
        #expect(shop.paymentState(of: order) == "partially_captured")
        shop.when(.complete(order)).then("PaymentCaptureRequested 14.98 GBP")
        shop.outcome(
            of: order, .captured(reference: "ch", amount: pounds("14.98")),
            call: shop.captureInFlight(of: order)
        ).then("PaymentCaptured 14.98 GBP", "MailRequested order_confirmed")
        #expect(shop.status(of: order) == "paid")
    }

    @Test
    func
        `given a capture whose outcome is unknown, then the state is unknown and the gateway is to be asked`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order))
        shop.outcome(
            of: order, .unknown(cause: "timeout"), call: shop.captureInFlight(of: order)
        ).then("PaymentOutcomeUnknown timeout")
        #expect(shop.paymentState(of: order) == "unknown")
        #expect(shop.intents == ["capture 19.98 GBP (ask)"])
    }

    @Test
    func
        `given a capture given up while its call was on the way, when the money is taken, then it goes back`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        shop.when(.complete(order))
        let call = shop.captureInFlight(of: order)
        shop.when(.cancel(order))
        shop.outcome(of: order, .neverReceived, call: call)
        shop.outcome(
            of: order, .captured(reference: "ch_\(order)", amount: pounds("19.98")), call: call)
        #expect(shop.intents == ["refund 19.98 GBP"])
        shop.outcome(
            of: order, .captured(reference: "ch_\(order)", amount: pounds("19.98")), call: call
        ).then()
    }

    @Test
    func
        `given an authorisation, when voided twice, then it is asked for once and its outcome settles it`()
    {
        let shop = Scenario.shop()
        let order = shop.authorized()
        let void = PreparedCommand.voidPayment(VoidPayment(payment: shop.payment(of: order)))
        shop.when(void).then("PaymentVoidRequested")
        shop.when(void).then()
        #expect(shop.intents == ["void ch_\(order)"])
        shop.outcome(of: order, .unknown(cause: "timeout"), call: .void).then()
        shop.outcome(of: order, .declined(code: "no", reason: "no"), call: .void).then()
        #expect(shop.intents == ["void ch_\(order)"])
        shop.outcome(of: order, .voided(reference: "ch_\(order)"), call: .void).then(
            "PaymentVoided")
        #expect(shop.paymentState(of: order) == "voided")
        shop.when(void).then()
    }

    @Test func `given captured money, when voided, then it is refused`() {
        let shop = Scenario.shop()
        let order = shop.paid()
        shop.when(.voidPayment(VoidPayment(payment: shop.payment(of: order)))).thenRejected(
            "illegal_transition")
    }

    @Test
    func `T-14 given captured money, when refunded in parts, then never more than was captured`() {
        let shop = Scenario.shop()
        let order = shop.paid()
        let payment = shop.payment(of: order)
        func refund(_ amount: Money) -> PreparedCommand {
            .refundPayment(RefundPayment(payment: payment, amount: amount, reason: "kind"))
        }
        shop.when(refund(pounds("15.00"))).then("RefundRequested 15.00 GBP")
        let outcome = shop.when(refund(pounds("4.99"))).thenRejected("amount_exceeds_captured")
        #expect(outcome.details == "limit=4.98 GBP amount=4.99 GBP")
        shop.when(refund(pounds("0.00"))).thenRejected("validation_failed")
        shop.when(refund(Money(minor: 1, currency: jpy))).thenRejected("currency_mismatch")
        shop.outcome(
            of: order, .refunded(reference: "re_1", amount: pounds("15.00")),
            call: shop.refundInFlight(of: order)
        ).then("RefundSucceeded 15.00 GBP")
        #expect(shop.paymentState(of: order) == "partially_refunded")
        shop.when(refund(pounds("4.98"))).then("RefundRequested 4.98 GBP")
        shop.outcome(
            of: order, .declined(code: "no_funds", reason: "x"),
            call: shop.refundInFlight(of: order)
        ).then("RefundFailed 4.98 GBP")
        shop.when(refund(pounds("4.98"))).then("RefundRequested 4.98 GBP")
        shop.outcome(
            of: order, .refunded(reference: "re_2", amount: pounds("4.98")),
            call: shop.refundInFlight(of: order)
        ).then("RefundSucceeded 4.98 GBP")
        #expect(shop.paymentState(of: order) == "refunded")
    }
}
