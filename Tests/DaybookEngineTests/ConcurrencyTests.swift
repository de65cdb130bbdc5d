import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections
import Synchronization
import Testing

/// Many callers at once, and what happens while the bank thinks.
@Suite struct ConcurrencyTests {
    @Test
    func `P-02 S-020 D-33 given stock 5, when 24 orders come at once, then exactly 5 are accepted`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<24 {
                group.addTask { await errorCode { try await daybook.order([("A", 1)], by: user) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 5)
        #expect(codes.filter { $0 == "insufficient_stock" }.count == 19)
        #expect(try await daybook.available("A") == 0)
        #expect(store.bank.captureCount == 5)
        try await daybook.close()
    }

    @Test
    func `P-02 given demand that fits, when ordered at once, then all are accepted`() async throws {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 15)), as: boss)
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<10 {
                group.addTask { await errorCode { try await daybook.order([("A", 2)], by: user) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == [String?](repeating: nil, count: 10))
        #expect(try await daybook.available("A") == 0)
        try await daybook.close()
    }

    @Test
    func `D-07 given two products ordered in opposite orders at once, then nothing blocks`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.transaction(
            [
                .receiveStock(ReceiveStock(sku: "A", quantity: 15)),
                .receiveStock(ReceiveStock(sku: "B", quantity: 19)),
            ], as: boss)
        await withTaskGroup { group in
            for index in 0..<20 {
                group.addTask {
                    let items = [("A", 1), ("B", 1)]
                    let code = await errorCode {
                        try await daybook.order(
                            index.isMultiple(of: 2) ? items : items.reversed(), by: user)
                    }
                    #expect(code == nil)
                }
            }
        }
        #expect(try await daybook.available("A") == 0)
        #expect(try await daybook.available("B") == 0)
        try await daybook.close()
    }

    @Test
    func `D-06 given a bank that thinks, then other commands are done meanwhile`() async throws {
        let store = try TestStore()
        let gateway = InterposedBank(bank: store.bank)
        store.configuration.gateway = gateway
        let (daybook, user) = try await store.openShopWithCustomer()
        let seen = Mutex<[String]>([])
        gateway.beforeReply { request in
            // The call ends only when another command, and a question about this very order, have.
            let code = await errorCode {
                try await daybook.execute(
                    .receiveStock(ReceiveStock(sku: "A", quantity: 1)), as: boss)
            }
            let order = OrderID(request.key.prefix { $0 != "/" })
            let status = if let order { try? await daybook.status(of: order) } else { "none" }
            seen.withLock { $0 += [code ?? "done", status ?? "unknown"] }
        }
        let order = try await daybook.order([("A", 2)], by: user)
        #expect(order.status == .paid)
        #expect(seen.withLock { $0 } == ["done", "pending"])
        #expect(try await daybook.available("A") == 4)
        try await daybook.close()
    }

    @Test
    func `P-23 given a writer at work, when another reader looks, then it sees whole batches only`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 500)), as: boss)
        let requests = (0..<200).map { _ in
            Request(
                [.createOrder(CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 1)]))],
                as: .user(user))
        }
        async let answers = daybook.executeAll(requests)
        for _ in 0..<20 {
            let types = try store.entries().map(\.type)
            #expect(
                types.filter { $0 == OrderPlaced.type }.count
                    == types.filter { $0 == PaymentRequested.type }.count)
        }
        #expect(await answers.allSatisfy { (try? $0.get()) != nil })
        try await daybook.close()
    }
}
