import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Mails` {
    private func mail(in shop: Scenario) -> MailID {
        guard case .mail(let request)? = shop.shop.pendingIntents.last?.kind else {
            return MailID(rawValue: 0)
        }
        return request.mailID
    }

    @Test
    func
        `D-18 given a mail to send, when it was sent, then it is done, and a second outcome changes nothing`()
    {
        let shop = Scenario.shop()
        shop.captured(shop.placed())
        let mail = mail(in: shop)
        let failed = PreparedCommand.recordMailOutcome(
            RecordMailOutcome(mail: mail, outcome: .failed(error: "busy", willRetry: true)))
        let sent = PreparedCommand.recordMailOutcome(
            RecordMailOutcome(mail: mail, outcome: .sent(providerID: "m1")))
        shop.when(failed, as: .system).then("MailFailed retry true")
        #expect(shop.intents == ["mail order_confirmed"])
        shop.when(sent, as: .system).then("MailSent")
        #expect(shop.intents == [])
        shop.when(sent, as: .system).then()
    }

    @Test func `given a mail to send, when it failed for good, then it is given up`() {
        let shop = Scenario.shop()
        shop.captured(shop.placed())
        shop.when(
            .recordMailOutcome(
                RecordMailOutcome(
                    mail: mail(in: shop), outcome: .failed(error: "no such box", willRetry: false))),
            as: .system
        ).then("MailFailed retry false")
        #expect(shop.intents == [])
    }

    @Test
    func
        `given an imported order, when its payment is recorded by the gateway, then nobody is mailed`()
    {
        let shop = Scenario.shop()
        let order = shop.placed(as: .import)
        shop.captured(order).then("PaymentCaptured 19.98 GBP")
        let free = shop.when(
            .order([OrderItem(sku: "A", quantity: 1, unitPrice: pounds("0"))]), as: .import)
        free.then("OrderPlaced #2 net 0 tax 0 payable 0", "StockReserved 1:A×1@main")
    }

    @Test
    func
        `S-124 given a mail of an order, then it names the order and its user, and neither address nor token`()
    {
        let shop = Scenario.shop()
        let order = shop.placed()
        guard case .mailRequested(let mail)? = shop.captured(order).events.last else {
            Issue.record("no mail is asked for")
            return
        }
        #expect(mail.template == .orderConfirmed)
        #expect(mail.orderID == order)
        #expect(mail.userID == bob)
        #expect(mail.verificationID == nil)
    }
}

@Suite struct `Policies` {
    @Test func `Q-2 given an order just paid, then starting to process it is asked for, once`() {
        let shop = Scenario.shop()
        let order = shop.placed()
        let facts = shop.captured(order).facts
        let wanted: [PreparedCommand] = [.startProcessing(StartProcessing(order: order))]
        #expect(FollowUps.commands(after: facts, in: shop.shop, settings: shop.settings) == wanted)
        #expect(
            FollowUps.commandsAtStart(in: shop.shop, settings: shop.settings, limit: 9) == wanted)
        shop.when(wanted[0], as: .system).then("ProcessingStarted")
        #expect(
            FollowUps.commandsAtStart(in: shop.shop, settings: shop.settings, limit: 9).isEmpty)
        let off = ShopSettings(startProcessingWhenPaid: false)
        #expect(FollowUps.commands(after: facts, in: shop.shop, settings: off).isEmpty)
    }

    @Test func `given a free order, then starting to process it is asked for`() {
        let shop = Scenario.shop()
        let facts = shop.when(
            .order([OrderItem(sku: "A", quantity: 1, unitPrice: pounds("0"))])
        ).facts
        #expect(
            FollowUps.commands(after: facts, in: shop.shop, settings: shop.settings).count == 1)
    }

    @Test func `given an order only placed, authorised or declined, then nothing is asked for`() {
        let shop = Scenario.shop()
        let placed = shop.when(.order("A", 1)).facts
        #expect(
            FollowUps.commands(after: placed, in: shop.shop, settings: shop.settings).isEmpty)
        _ = shop.authorized([OrderItem(sku: "A", quantity: 1)])
        #expect(
            FollowUps.commandsAtStart(in: shop.shop, settings: shop.settings, limit: 9).isEmpty)
    }

    @Test
    func
        `given due orders, then expiring them is asked for, the most overdue first and not beyond the limit`()
    {
        let shop = Scenario.shop()
        let first = shop.authorized([OrderItem(sku: "A", quantity: 1)])
        shop.wait(10)
        let second = shop.authorized([OrderItem(sku: "A", quantity: 1)])
        shop.wait(86_400)
        #expect(
            FollowUps.commandsDue(at: shop.now, in: shop.shop, limit: 9)
                == [.expire(first), .expire(second)])
        #expect(FollowUps.commandsDue(at: shop.now, in: shop.shop, limit: 1) == [.expire(first)])
    }
}
