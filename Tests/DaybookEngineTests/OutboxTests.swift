import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookProjections
import DaybookVault
import Synchronization
import Testing

@testable import DaybookEngine

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

/// What the mailer remembers of addresses, and when it records what it did.
@Suite struct MailerTests {
    @Test
    func
        `given an address that was used before, when its owner is erased, then no mail goes there`()
        async throws
    {
        let store = try TestStore()
        let sender = SpyMailSender()
        store.configuration.mailSender = sender
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 1)], by: user)
        _ = try await daybook.order([("A", 1)], by: user)
        await daybook.mailQueue.drain()
        let before = sender.mails.count
        #expect(sender.mails.suffix(2).map(\.to) == ["ann@example.com", "ann@example.com"])
        try daybook.vault.erase(user)
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        #expect(sender.mails.count == before)
        #expect(try store.count(of: MailFailed.type) == 1)
    }

    @Test(arguments: [false, true])
    func `given a slow or a fast sender, then what became of mails is recorded for 64 or for all`(
        isSlow: Bool
    ) async throws {
        let store = try TestStore()
        let sender = SpyMailSender()
        store.configuration.mailSender = sender
        let daybook = try await store.open(.manual)
        let requests = (0..<100).map { number in
            Request(
                [.registerUser(RegisterUser(email: "u\(number)@example.com", password: nil))],
                as: boss)
        }
        for result in await daybook.executeAll(requests) { _ = try result.get() }
        let recorded = Mutex<[Int]>([])
        let (clock, directory) = (store.clock, store.configuration.directory)
        sender.onSend { _ in
            if isSlow {
                clock.set(to: Instant(microseconds: clock.now.microseconds + 1_000))
            }
            let count = try? recordedMails(in: directory)
            recorded.withLock { $0.append(count ?? -1) }
        }
        try await daybook.runReactors()
        try await daybook.close()
        let rest = isSlow ? 64 : 0
        #expect(
            recorded.withLock { $0 }
                == Array(repeating: 0, count: 64) + Array(repeating: rest, count: 36))
        #expect(try store.count(of: MailSent.type) == 100)
    }

    @Test
    func `given addresses, when asked again, then they are read once each while there is room`() {
        let addresses = SealedAddresses()
        var readCount = 0
        func ask(_ user: Int, at position: UInt64 = 1, isThere: Bool = true) -> Sealed? {
            addresses.address(
                of: UserID(rawValue: UInt128(user)),
                registeredAt: LogPosition(rawValue: position)
            ) {
                readCount += 1
                let box = [UInt8(user & 255), UInt8(position)]
                return isThere ? Sealed(box: box, keyVersion: 1) : nil
            }
        }
        #expect(ask(0, isThere: false) == nil)
        #expect(ask(0)?.box == [0, 1])
        #expect(ask(0)?.box == [0, 1])
        #expect(readCount == 2)
        // Another registration has another address.
        #expect(ask(0, at: 9)?.box == [0, 9])
        #expect(readCount == 3)
        for user in 1...SealedAddresses.limit { _ = ask(user) }
        #expect(readCount == 3 + SealedAddresses.limit)
        #expect(ask(0, at: 9)?.box == [0, 9])
        #expect(readCount == 4 + SealedAddresses.limit)
    }
}

/// How many sent mails a second reader finds in the log's files.
private func recordedMails(in directory: String) throws -> Int {
    var count = 0
    try DaybookReader.open(directory: directory).forEachEntry(AuditQuestion(type: MailSent.type)) {
        _ in
        count += 1
        return true
    }
    return count
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
