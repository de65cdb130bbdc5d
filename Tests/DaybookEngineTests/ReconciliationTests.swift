import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import Testing

/// What asking the bank afterwards may and may not do.
@Suite struct ReconciliationTests {
    /// An order whose charge was lost on the way: the bank has never heard of it.
    private func lostCharge(
        _ store: TestStore, _ daybook: Daybook, by user: UserID
    ) async throws -> OrderID {
        store.bank.followOnce(.unknown)
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        guard case .paymentPending(let order) = error.kind else { throw error }
        return order
    }

    @Test
    func `given a lost charge of a cancelled order, when reconciled, then nothing is charged`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await lostCharge(store, daybook, by: user)
        _ = try await daybook.execute(
            .cancelOrder(CancelOrder(order: order, reason: "changed my mind")), as: .user(user))
        try await daybook.reconcilePayments()
        try await daybook.reconcilePayments()
        #expect(store.bank.captureCount == 0)
        #expect(store.bank.callCount(forKey: "\(order)/1") == 0)
        #expect(try await daybook.available("A") == 5)
        try await daybook.close()
    }

    @Test
    func `given a lost charge of an open order, when reconciled, then it is made once`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await lostCharge(store, daybook, by: user)
        try await daybook.reconcilePayments()
        try await daybook.reconcilePayments()
        #expect(store.bank.captureCount == 1)
        #expect(store.bank.capturedKeys == ["\(order)/1"])
        #expect(try await daybook.status(of: order) == "processing")
        try await daybook.close()
    }

    @Test
    func `given a late payment, when its key is repeated later, then the answer is paid`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.unknownThenCaptured)
        let command = Command.createOrder(
            CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 2)]))
        let key = IdempotencyKey("basket-1")
        await #expect(throws: DaybookError.self) {
            try await daybook.execute(command, as: .user(user), key: key)
        }
        try await daybook.reconcilePayments()
        let repeated = try await daybook.execute(command, as: .user(user), key: key)
        guard case .order(let order) = repeated.value else {
            Issue.record("\(repeated)")
            return
        }
        #expect(repeated.isRepeat)
        #expect(order.status == .paid)
        #expect(store.bank.captureCount == 1)
        try await daybook.close()
    }

    @Test
    func `D-19 given another amount than asked, when ordered, then the caller hears of it`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        store.bank.followOnce(.amount(500))
        let error = try await daybook.refusal(of: [("A", 2)], by: user)
        #expect(error.code == "payment_pending")
        #expect(error.message.contains("held"))
        try await daybook.close()
    }
}
