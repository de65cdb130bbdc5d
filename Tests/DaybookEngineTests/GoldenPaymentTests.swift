import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Testing

/// Golden traces G-7 to G-13: crashes, time-outs, messages.
@Suite struct GoldenPaymentTests {
    @Test
    func `G-7 D-02 D-04 given a crash after the capture, when reopened, then one capture`()
        async throws
    {
        let store = try TestStore()
        let (opened, user) = try await store.openShopWithCustomer()
        var daybook = opened
        try await daybook.close()
        daybook = try await store.open(.manual)
        let head = daybook.head
        let order = try await daybook.order([("A", 2)], by: user)
        #expect(order.status == .pending)
        let key = "\(order.orderID)/1"
        _ = try store.bank.charge(
            ChargeRequest(
                key: key, amount: gbp(1998), captureMode: .automatic, customer: user,
                at: store.clock.now))
        try await daybook.close()
        daybook = try await store.open()
        #expect(try await daybook.status(of: order.orderID) == "processing")
        #expect(store.bank.captureCount == 1)
        #expect(store.bank.callCount(forKey: key) == 2)
        try await daybook.close()
        daybook = try await store.open()
        try await daybook.close()
        #expect(
            try store.batches(after: head) == [
                [OrderPlaced.type, StockReserved.type, PaymentRequested.type],
                [PaymentCaptured.type, MailRequested.type],
                [ProcessingStarted.type],
            ])
        #expect(store.bank.callCount(forKey: key) == 2)
    }

    @Test
    func `G-8 D-03 S-038 given a time-out, then pending; reconciled, then captured, once`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.unknownThenCaptured)
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        guard case .paymentPending(let order) = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(error.code == "payment_pending")
        #expect(try await daybook.status(of: order) == "pending")
        #expect(try await daybook.available("A") == 3)
        let messages = store.bank.messages()
        #expect(!messages.isEmpty)
        let report = try await daybook.reconcilePayments()
        #expect(report.messages == messages.count)
        #expect(try await daybook.status(of: order) == "processing")
        let head = daybook.head
        for message in messages {
            let copy = try await daybook.execute(message.command, as: .gateway)
            #expect(copy.positions == nil)
        }
        _ = try await daybook.reconcilePayments()
        try await daybook.close()
        #expect(try store.batches(after: head).isEmpty)
        #expect(try store.count(of: PaymentCaptured.type) == 1)
        #expect(store.bank.captureCount == 1)
    }

    @Test
    func `G-9 D-06 S-123 given a message before the reply, then exactly one PaymentCaptured`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.twice)
        let bank = store.bank
        gateway.beforeReply { _ in
            for message in bank.messages() {
                _ = try? await daybook.execute(message.command, as: .gateway)
            }
        }
        let order = try await daybook.order([("A", 1)], by: user)
        #expect(order.status == .paid)
        try await daybook.close()
        #expect(try store.count(of: GatewayEventReceived.type) == 1)
        #expect(try store.count(of: PaymentCaptured.type) == 1)
        #expect(try store.mails(about: "Order \(order.orderID) Confirmed").count == 1)
    }

    @Test
    func `G-10 given an unknown outcome at the deadline, then not expired; declined, then failed`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.unknownThenDeclined(code: "expired_card"))
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        guard case .paymentPending(let order) = error.kind else {
            Issue.record("\(error)")
            return
        }
        store.clock.advance(bySeconds: 86_401)
        #expect(try await daybook.runTimers() == 0)
        #expect(try await daybook.status(of: order) == "pending")
        _ = try await daybook.reconcilePayments()
        #expect(try await daybook.status(of: order) == "payment_failed")
        #expect(try await daybook.available("A") == 5)
        try await daybook.close()
    }

    @Test
    func `G-11 T-15 given a cancelled order, when money comes late, then it goes back`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.unknownThenCaptured)
        _ = try await daybook.refusal(of: [("A", 2)], by: user)
        let order = try await daybook.newestOrder(of: user)
        _ = try await daybook.execute(
            .cancelOrder(CancelOrder(order: order, reason: "changed my mind")), as: .user(user))
        #expect(try await daybook.available("A") == 5)
        _ = try await daybook.reconcilePayments()
        #expect(try await daybook.status(of: order) == "cancelled")
        try await daybook.close()
        #expect(try store.count(of: LatePaymentReceived.type) == 1)
        #expect(try store.count(of: RefundRequested.type) == 1)
        #expect(try store.count(of: RefundSucceeded.type) == 1)
        #expect(store.bank.totals.map(\.captured) == [1998])
        #expect(store.bank.totals.map(\.refunded) == [1998])
    }

    @Test
    func `T-12 P-39 given an unpaid order past its deadline, when timers run, then it expires`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user, capture: .manual)
        store.clock.advance(bySeconds: 86_399)
        #expect(try await daybook.runTimers() == 0)
        store.clock.advance(bySeconds: 2)
        #expect(try await daybook.runTimers() == 1)
        #expect(try await daybook.status(of: order.orderID) == "expired")
        #expect(try await daybook.available("A") == 5)
        #expect(try await daybook.runTimers() == 0)
        try await daybook.close()
    }

    @Test
    func `G-13 D-23 D-24 S-120 S-124 S-126 given manual capture, when completed twice, then once`()
        async throws
    {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 1)], by: user, capture: .manual)
        #expect(order.status == .pending)
        #expect(try await daybook.status(of: order.orderID) == "pending")
        #expect(store.bank.captureCount == 0)
        let complete = Command.completeOrder(CompleteOrder(order: order.orderID))
        _ = try await daybook.execute(complete, as: .user(user))
        let again = try await daybook.execute(complete, as: .user(user))
        #expect(again.positions == nil)
        let detail = try await daybook.readModels.order(
            orderID: order.orderID, atLeast: daybook.head
        ).value
        #expect(gateway.captureReferences == [detail.order.summary.paymentReference])
        #expect(store.bank.captureCount == 1)
        try await daybook.close()
        let mails = try store.mails(about: "Order \(order.orderID) Confirmed")
        #expect(mails.count == 1)
        #expect(mails[0].contains("\r\nTo: ann@example.com\r\n"))
        #expect(mails[0].hasSuffix("\r\n\r\nYour order has been confirmed.\r\n"))
    }
}

extension GatewayMessage {
    /// The message as the rim hands it in.
    var command: Command {
        let digest = body.withUnsafeBytes { HashFunction.sha256.digest($0) }
        return .ingestGatewayEvent(
            IngestGatewayEvent(
                providerEventID: providerEventID, kind: kind, reference: key,
                paymentReference: reference, amount: amount, occurredAt: occurredAt,
                digest: digest))
    }
}
