import DaybookCore
import DaybookGateways
import DaybookLog
import DaybookProjections
import Synchronization
import Testing

@testable import DaybookDecisions
@testable import DaybookEngine

@Suite struct `Bulk` {
    private func orders(_ count: Int, by user: UserID) -> [Request] {
        (0..<count).map { number in
            Request(
                [.createOrder(CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 1)]))],
                as: .user(user), key: IdempotencyKey("bulk-\(number)"))
        }
    }

    @Test
    func `given payments by Daybook itself, when orders come in bulk, then each answer says paid`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.paymentsOnly)
        let answers = await daybook.executeAll(orders(6, by: user))
        // Five are in stock.
        let statuses = answers.map { answer -> String in
            switch answer {
            case .success(let result):
                if case .order(let order) = result.value { order.status.rawValue } else { "none" }
            case .failure(let error): error.code
            }
        }
        #expect(statuses == Array(repeating: "paid", count: 5) + ["insufficient_stock"])
        // Mails wait for whoever sends them.
        #expect(try store.mails.filter { $0.contains("confirmed") }.isEmpty)
        let report = try await daybook.runReactors()
        #expect(report.mailsSent == 5)
        #expect(report.performed == 0)
        try await daybook.close()
    }

    /// A bank that takes long, in front of which orders are given up.
    @Test(arguments: [(0, 3), (1, 1)])
    func
        `given orders that are cancelled while the first is charged, when it took long, then no more are`(
            seconds: Int, charges: Int
        ) async throws
    {
        let store = try TestStore()
        let bank = InterposedBank(bank: store.bank)
        store.configuration.gateway = bank
        let (daybook, user) = try await store.openShopWithCustomer(.paymentsOnly)
        let clock = store.clock
        bank.beforeReply { request in
            guard bank.requests.count == 1 else { return }
            let placed = try? await daybook.readModels.orders(
                limit: 10, atLeast: daybook.head
            ).value.items
            for order in placed ?? [] where request.key != "\(order.orderID)/1" {
                _ = try? await daybook.execute(
                    .cancelOrder(CancelOrder(order: order.orderID, reason: "changed my mind")),
                    as: boss)
            }
            clock.advance(bySeconds: Int64(seconds))
        }
        _ = await daybook.executeAll(orders(3, by: user))
        #expect(bank.requests.count == charges)
        try await daybook.close()
    }

    @Test func `given declines in a bulk, then those orders fail and the others are paid`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.paymentsOnly)
        for script in [BankScript.yes, .decline(code: "card_declined"), .yes] {
            store.bank.followOnce(script)
        }
        let answers = await daybook.executeAll(orders(3, by: user))
        let codes = answers.map { answer -> String in
            if case .failure(let error) = answer { error.code } else { "ok" }
        }
        #expect(codes == ["ok", "payment_failed", "ok"])
        let again = await daybook.executeAll(orders(3, by: user))
        #expect(again.map { (try? $0.get().isRepeat) } == [true, nil, true])
        try await daybook.close()
    }

    @Test
    func `given a capture and a cancellation in one bulk, then the bank is not asked to capture`()
        async throws
    {
        let store = try TestStore()
        let bank = InterposedBank(bank: store.bank)
        store.configuration.gateway = bank
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        let payment = try #require(order.payment)
        _ = await daybook.executeAll([
            Request([.capturePayment(CapturePayment(payment: payment, amount: nil))], as: boss),
            Request(
                [.cancelOrder(CancelOrder(order: order.orderID, reason: "changed my mind"))],
                as: boss),
        ])
        #expect(bank.captureReferences.isEmpty)
        try await daybook.reconcilePayments()
        #expect(bank.captureReferences.isEmpty)
        try await daybook.close()
    }

    @Test func `given a bulk in parts, then its answers are those of one bulk, in order`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        var requests = orders(7, by: user)
        requests.insert(Request([], as: .user(user)), at: 2)
        let answers = await daybook.executeAll(requests, inPartsOf: 2)
        let codes = answers.map { answer -> String in
            switch answer {
            case .success(let result): result.isRepeat ? "repeat" : "ok"
            case .failure(let error): error.code
            }
        }
        // Five are in stock.
        #expect(
            codes == [
                "ok", "ok", "invalid_request", "ok", "ok", "ok", "insufficient_stock",
                "insufficient_stock",
            ])
        let again = await daybook.executeAll(requests, inPartsOf: 100)
        #expect(again.map { (try? $0.get().isRepeat) == true }.filter(\.self).count == 5)
        try await daybook.close()
        let late = await daybook.executeAll(requests, inPartsOf: 4)
        let refusals = late.map { answer -> String in
            if case .failure(let error) = answer { error.code } else { "ok" }
        }
        #expect(Set(refusals) == ["closed", "invalid_request"])
        #expect(refusals.count == 8)
    }

    @Test
    func
        `given more payments than go together, when the reactors run, then all come in their order`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 200)), as: boss)
        for answer in await daybook.executeAll(orders(150, by: user)) { _ = try answer.get() }
        let report = try await daybook.runReactors()
        #expect(report.performed == 150)
        #expect(report.unknown == 0)
        var asked: [OrderID] = []
        var paid: [OrderID] = []
        try daybook.reader.forEachFactBatch(from: .start, through: nil, isParallel: false) {
            for fact in $0.facts {
                switch fact.event {
                case .paymentRequested(let event): asked.append(event.orderID)
                case .paymentCaptured(let event): paid.append(event.orderID)
                default: break
                }
            }
            return true
        }
        #expect(asked.count == 150)
        #expect(paid == asked)
        try await daybook.close()
    }

    @Test
    func `given many payments, when some are made, then what they came to is recorded meanwhile`()
        async throws
    {
        let store = try TestStore()
        let bank = InterposedBank(bank: store.bank)
        store.configuration.gateway = bank
        store.configuration.outcomesPerPart = 2
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        for answer in await daybook.executeAll(orders(5, by: user)) { _ = try answer.get() }
        let before = daybook.head
        let isRecorded = Mutex(false)
        bank.beforeReply { _ in
            guard bank.requests.count == 4 else { return }
            // Waits until it is durable, for some seconds at most.
            let behind = try? await daybook.readModels.orders(
                limit: 1, atLeast: before.advanced(by: 1))
            isRecorded.withLock { $0 = behind != nil }
        }
        #expect(try await daybook.runReactors().performed == 5)
        #expect(isRecorded.withLock { $0 })
        try await daybook.close()
    }

    @Test
    func `given parts, when their answers come in any order, then they are in the parts' order`()
        async
    {
        let none = AnswersInParts<Int>()
        #expect(await none.all() == [])
        let answers = AnswersInParts<Int>()
        let (first, second) = (answers.begin(), answers.begin())
        answers.take([3], ofPart: second)
        async let all = answers.all()
        answers.take([1, 2], ofPart: first)
        #expect(await all == [1, 2, 3])
        #expect(await answers.all() == [1, 2, 3])
    }

    @Test func `given an import in bulk, then its payments are recorded at its own time`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.paymentsOnly)
        let time = try #require(Instant("2010-12-01T08:26:00Z"))
        let answers = await daybook.executeAll([
            Request(
                [.createOrder(CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 1)]))],
                as: .import, key: IdempotencyKey("old"), at: time)
        ])
        _ = try #require(try answers.first?.get())
        let captured = try store.entries().filter { $0.type == PaymentCaptured.type }
        #expect(captured.map(\.recordedAt) == [time])
        try await daybook.close()
    }
}

@Suite struct `Mail queue` {
    private func mail(_ number: UInt64) -> PendingIntent {
        let request = MailRequested(
            mailID: MailID(rawValue: UInt128(number)), template: .orderConfirmed,
            userID: UserID(rawValue: 1))
        return PendingIntent(
            position: LogPosition(rawValue: number), kind: .mail(request), isUnknown: false)
    }

    @Test(.timeLimit(.minutes(2)))
    func `given mails that go on coming, when drained, then it ends with those that were there`()
        async
    {
        let queue = MailQueue(executor: nil)
        let isDrained = Mutex(false)
        let tried = Mutex(0)
        // Each batch asks for another mail, so until then the queue is never empty.
        @Sendable func send(_ mails: [PendingIntent]) async {
            let count = tried.withLock { tried in
                tried += mails.count
                return tried
            }
            await Task.yield()
            if !isDrained.withLock({ $0 }) { queue.add(mail(UInt64(count + 1)), send) }
        }
        queue.add(mail(1), send)
        await queue.drain()
        isDrained.withLock { $0 = true }
        #expect(tried.withLock { $0 } >= 1)
    }

    @Test func `given nothing, when drained, then it returns`() async {
        await MailQueue(executor: nil).drain()
    }
}
