import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Synchronization
import Testing

/// Mails: after their cause is durable, at least once, under one id.
@Suite struct OutboxTests {
    @Test
    func `D-17 D-47 S-039 given a mail, when sent, then its cause is durable`() async throws {
        let store = try TestStore()
        let sender = SpyMailSender()
        store.configuration.mailSender = sender
        let directory = store.configuration.directory
        let durable = Mutex<[Bool]>([])
        sender.onSend { mail in
            let found = try? mailIsRequested(mail.id, in: directory)
            durable.withLock { $0.append(found ?? false) }
        }
        let daybook = try await store.openShop()
        let user = try await daybook.customer()
        let order = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        #expect(durable.withLock { $0 } == [true, true])
        #expect(
            sender.mails.map(\.subject) == [
                "Verify your email", "Order \(order.orderID) Confirmed",
            ])
        #expect(sender.mails.map(\.to) == ["ann@example.com", "ann@example.com"])
        #expect(try store.count(of: MailSent.type) == 2)
    }

    @Test
    func `D-18 P-37 given a closed post office, when reopened, then the same mail is sent once`()
        async throws
    {
        let store = try TestStore()
        let sender = SpyMailSender()
        store.configuration.mailSender = sender
        sender.close()
        var daybook = try await store.openShop()
        _ = try await daybook.register("ann@example.com")
        try await daybook.close()
        #expect(sender.mails.isEmpty)
        #expect(sender.refusedMails.count == 1)
        #expect(try store.count(of: MailFailed.type) == 1)
        sender.open()
        daybook = try await store.open()
        #expect(sender.mails == sender.refusedMails)
        let mails = try await daybook.readModels.mails(atLeast: daybook.head).value
        #expect(mails.map(\.state) == ["sent"])
        #expect(mails.map(\.providerID) == ["receipt of \(sender.mails[0].id)"])
        try await daybook.close()
        daybook = try await store.open()
        try await daybook.close()
        #expect(sender.mails.count == 1)
    }

    @Test
    func `S-040 S-125 given a refused capture, when completing, then no mail and still pending`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        store.bank.followOnce(.decline(code: "expired"))
        let code = await errorCode {
            try await daybook.execute(
                .completeOrder(CompleteOrder(order: order.orderID)), as: .user(user))
        }
        #expect(code == "capture_failed")
        #expect(try await daybook.status(of: order.orderID) == "pending")
        try await daybook.close()
        #expect(try store.mails(about: "Order").isEmpty)
        #expect(try store.count(of: PaymentCaptured.type) == 0)
    }

    @Test
    func `D-03 given a capture whose answer is lost, when completing, then payment_pending`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        store.bank.followOnce(.unknownThenCaptured)
        let code = await errorCode {
            try await daybook.execute(
                .completeOrder(CompleteOrder(order: order.orderID)), as: .user(user))
        }
        #expect(code == "payment_pending")
        _ = try await daybook.reconcilePayments()
        #expect(try await daybook.status(of: order.orderID) == "processing")
        #expect(store.bank.captureCount == 1)
        try await daybook.close()
        #expect(try store.mails(about: "Order \(order.orderID) Confirmed").count == 1)
    }

    @Test
    func `T-14 given a refused refund, when asked for, then capture_failed and nothing went back`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user)
        let payment = try #require(order.payment)
        store.bank.followOnce(.decline(code: "account_closed"))
        let error = try await failure {
            try await daybook.execute(
                .refundPayment(RefundPayment(payment: payment, amount: gbp(999), reason: "gift")),
                as: boss)
        }
        #expect(error.kind == .captureFailed(payment: payment, code: "account_closed"))
        #expect(store.bank.totals.map(\.refunded) == [0])
        try await daybook.close()
    }

    @Test
    func `T-14 given a refund nobody knows of, when asked for and repeated, then never a yes`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user)
        let payment = try #require(order.payment)
        let key = try #require(IdempotencyKey(rawValue: "refund-1"))
        let refund = Command.refundPayment(
            RefundPayment(payment: payment, amount: gbp(999), reason: "gift"))
        store.bank.followOnce(.unknown)
        let first = try await failure {
            try await daybook.execute(refund, as: boss, key: key)
        }
        #expect(first.kind == .paymentPending(order: order.orderID))
        let second = try await failure {
            try await daybook.execute(refund, as: boss, key: key)
        }
        #expect(second.kind == .requestInProgress)
        try await daybook.reconcilePayments()
        #expect(try await daybook.execute(refund, as: boss, key: key).isRepeat)
        #expect(store.bank.totals.map(\.refunded) == [999])
        try await daybook.close()
        #expect(try store.count(of: RefundRequested.type) == 1)
    }

    @Test
    func
        `P-21 given a capture at the bank, when repeated, then in progress; afterwards as answered`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        let payment = try #require(order.payment)
        let key = try #require(IdempotencyKey(rawValue: "capture-1"))
        let capture = Command.capturePayment(CapturePayment(payment: payment, amount: gbp(400)))
        let meanwhile = Mutex<[DaybookError.Kind]>([])
        gateway.beforeCaptureReply { answer in
            let error = try? await failure {
                try await daybook.execute(capture, as: boss, key: key)
            }
            if let error { meanwhile.withLock { $0.append(error.kind) } }
            return answer
        }
        let first = try await daybook.execute(capture, as: boss, key: key)
        #expect(meanwhile.withLock { $0 } == [.requestInProgress])
        gateway.beforeCaptureReply { $0 }
        // Nobody knows of the next one, which is no news of the first.
        store.bank.followOnce(.unknown)
        let next = Command.capturePayment(CapturePayment(payment: payment, amount: gbp(100)))
        let unknown = try await failure { try await daybook.execute(next, as: boss) }
        #expect(unknown.kind == .paymentPending(order: order.orderID))
        let again = try await daybook.execute(capture, as: boss, key: key)
        #expect(again.isRepeat && again.positions == first.positions)
        try await daybook.close()
    }

    @Test
    func `given a capture of another amount, when asked for, then held, and so when repeated`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        gateway.beforeCaptureReply { _ in .captured(reference: "ch_1", amount: gbp(998)) }
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        for error in try await daybook.refusedCaptures(of: order) {
            #expect(error.kind == .paymentPending(order: order.orderID))
            #expect(error.message.contains("held"))
        }
        try await daybook.close()
        #expect(try store.count(of: PaymentAmountMismatchDetected.type) == 1)
    }

    @Test
    func `T-15 given an order cancelled during its capture, then capture_failed, also repeated`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        gateway.beforeCaptureReply { answer in
            let cancel = CancelOrder(order: order.orderID, reason: "changed my mind")
            _ = try? await daybook.execute(.cancelOrder(cancel), as: boss)
            return answer
        }
        let payment = try #require(order.payment)
        for error in try await daybook.refusedCaptures(of: order) {
            #expect(error.kind == .captureFailed(payment: payment, code: "order_closed"))
        }
        #expect(store.bank.totals.map(\.refunded) == [999])
        try await daybook.close()
        #expect(try store.count(of: LatePaymentReceived.type) == 1)
    }

    @Test
    func
        `S-121 S-122 S-123 S-124 S-127 given two doubles, when completed, then each is called once`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        let sender = SpyMailSender()
        store.configuration.gateway = gateway
        let (setUp, user) = try await store.openShopWithCustomer()
        try await setUp.close()
        store.configuration.mailSender = sender
        let daybook = try await store.open()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        let result = try await daybook.execute(
            .completeOrder(CompleteOrder(order: order.orderID)), as: .user(user))
        #expect(result.value == .none)
        try await daybook.close()
        #expect(gateway.captureReferences == ["ch_\(order.orderID)/1"])
        #expect(sender.mails.count == 1)
        #expect(sender.mails[0].to == "ann@example.com")
        #expect(sender.mails[0].subject == "Order \(order.orderID) Confirmed")
        #expect(sender.mails[0].body == "Your order has been confirmed.")
        #expect(sender.mails[0].from == "orders@example.com")
    }
}

/// Whether a second reader finds the request of a mail in the log's files.
private func mailIsRequested(_ mail: MailID, in directory: String) throws -> Bool {
    let reader = try DaybookReader.open(directory: directory)
    var found = false
    try reader.forEachEntry(AuditQuestion(type: MailRequested.type)) { entry in
        found = entry.payload.contains("\(mail)")
        return !found
    }
    return found
}

extension Daybook {
    /// What is said to the capture of all that is held, and to the same once more with its key.
    fileprivate func refusedCaptures(of order: OrderOutcome) async throws -> [DaybookError] {
        let payment = try #require(order.payment)
        let key = try #require(IdempotencyKey(rawValue: "capture-1"))
        let capture = Command.capturePayment(CapturePayment(payment: payment, amount: nil))
        var errors: [DaybookError] = []
        for _ in 1...2 {
            errors.append(
                try await failure { try await self.execute(capture, as: boss, key: key) })
        }
        return errors
    }
}
