import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Settled orders and snapshots` {
    /// What the engine does: a state, and the log to load settled orders from.
    private struct Host {
        var shop: Shop
        let log: [Fact]

        mutating func load(for command: PreparedCommand) -> [String] {
            var named: [String] = []
            for _ in 0..<2 {
                for tag in shop.subjectsToLoad(for: command) {
                    named.append(tag.label)
                    shop.load(log.filter { $0.event.tags.contains(tag) })
                }
            }
            return named
        }
    }

    private func settled() -> (Scenario, OrderID) {
        let shop = Scenario.shop()
        let order = shop.paid()
        shop.when(.ship(order))
        return (shop, order)
    }

    private func restored(_ shop: Shop) throws -> Shop {
        var writer = WireWriter()
        shop.encodeImage(into: &writer)
        return try writer.withUnsafeBytes { bytes throws(WireError) in
            var reader = WireReader(bytes)
            return try Shop(from: &reader)
        }
    }

    @Test func `given a shipped and paid order, then it leaves the table and stays in the cache`() {
        let (shop, order) = settled()
        #expect(shop.shop.openOrderCount == 0)
        #expect(shop.shop.cachedOrderCount == 1)
        #expect(shop.status(of: order) == "shipped")
    }

    @Test
    func
        `given a settled order in the cache, when refunded, then it is open until the refund is settled`()
    {
        let (shop, order) = settled()
        shop.when(
            .refundPayment(
                RefundPayment(
                    payment: shop.payment(of: order), amount: pounds("1.00"), reason: "x")))
        #expect(shop.shop.openOrderCount == 1)
        shop.outcome(
            of: order, .refunded(reference: "re", amount: pounds("1.00")),
            call: shop.refundInFlight(of: order))
        #expect(shop.shop.openOrderCount == 0)
        #expect(shop.paymentState(of: order) == "partially_refunded")
    }

    @Test
    func
        `given a snapshot without the settled order, when refunded late, then payment and order are loaded and the refund is decided as before`()
        throws
    {
        let (live, order) = settled()
        let payment = live.payment(of: order)
        let command = PreparedCommand.refundPayment(
            RefundPayment(payment: payment, amount: pounds("19.98"), reason: "x"))
        var host = Host(shop: try restored(live.shop), log: live.facts)
        #expect(host.shop.order(order) == nil)
        #expect(host.load(for: command) == ["payment", "order"])
        #expect(host.shop.order(order) == live.shop.order(order))
        #expect(host.load(for: command) == [])
        #expect(host.shop == live.shop)
    }

    @Test
    func
        `given an id that nothing has, when asked for, then loading ends and the command is refused`()
    {
        let (live, _) = settled()
        var host = Host(shop: live.shop, log: live.facts)
        let command = PreparedCommand.cancel(OrderID(rawValue: 999))
        #expect(host.load(for: command) == ["order", "order"])
        live.when(command).thenRejected("order_not_found")
    }

    @Test func `given a late message that quotes our key, then its order is to be loaded`() throws {
        let (live, order) = settled()
        let shop = try restored(live.shop)
        let message = IngestGatewayEvent(
            providerEventID: "evt", kind: .captured, reference: "\(order)/1",
            amount: pounds("19.98"), occurredAt: live.now, digest: .zero)
        #expect(shop.subjectsToLoad(for: .ingestGatewayEvent(message)) == [order.tag])
    }

    @Test
    func
        `given a tail on a snapshot, when folded, then settled orders that it goes on with are to be loaded and the states agree`()
        throws
    {
        let (live, order) = settled()
        let snapshotCount = live.facts.count
        var state = try restored(live.shop)
        let tail = live.when(
            .refundPayment(
                RefundPayment(
                    payment: live.payment(of: order), amount: pounds("1.00"), reason: "x"))
        ).facts
        #expect(state.subjectsToLoad(for: tail) == [order.tag])
        state.load(live.facts.prefix(snapshotCount).filter { $0.event.tags.contains(order.tag) })
        #expect(state.subjectsToLoad(for: tail) == [])
        for fact in tail { ShopDecider.evolve(&state, with: fact) }
        #expect(state == live.shop)
        #expect(state.pendingIntents == live.shop.pendingIntents)
    }

    @Test func `given a batch that places its order, then nothing is to be loaded for it`() {
        let shop = Scenario.shop()
        let facts = shop.when(.order("A", 1)).facts
        #expect(Shop().subjectsToLoad(for: facts) == [])
    }

    @Test func `given a cache of one, when durable, then the older order leaves, and not before`() {
        var shop = Shop(closedOrderCapacity: 1)
        let (live, first) = settled()
        live.stocked("A", 5, at: "9.99")
        let second = live.paid()
        live.when(.ship(second))
        for fact in live.facts { ShopDecider.evolve(&shop, with: fact) }
        #expect(shop.cachedOrderCount == 2)
        shop.markDurable(through: LogPosition(rawValue: 5))
        #expect(shop.cachedOrderCount == 2)
        shop.markDurable(through: LogPosition(rawValue: UInt64(live.facts.count)))
        #expect(shop.cachedOrderCount == 1)
        #expect(shop.order(first) == nil)
        #expect(shop.orderID(ofPayment: live.payment(of: first)) == nil)
        #expect(shop.order(second) != nil)
        #expect(shop == live.shop)
    }

    @Test
    func
        `given any two states of a history, when compared, then they are equal exactly if their bytes are`()
        throws
    {
        let scenario = Scenario.shop().stocked("A", 50, at: "9.99", location: location("annex"))
        let orders = (0..<3).map { _ in scenario.paid([OrderItem(sku: "A", quantity: 2)]) }
        scenario.when(.order("A", 1))
        scenario.when(.ship(orders[0]))
        var shop = Shop(unpackedOrderCapacity: 1)
        var states = [shop]
        for fact in scenario.facts {
            ShopDecider.evolve(&shop, with: fact)
            states.append(shop)
            // The same, with other orders packed.
            states.append(try restored(shop))
        }
        let bytes = states.map { state -> [UInt8] in
            var writer = WireWriter()
            state.encode(into: &writer)
            return writer.bytes
        }
        var equalCount = 0
        for left in states.indices {
            for right in states.indices {
                let isEqual = states[left] == states[right]
                #expect(isEqual == (bytes[left] == bytes[right]), "states \(left) and \(right)")
                equalCount += isEqual ? 1 : 0
            }
        }
        #expect(equalCount >= 2 * states.count - 2)
        #expect(equalCount < states.count * states.count / 2)
    }

    @Test
    func
        `given a state with everything in it, when written and read, then it is equal and writes the same bytes`()
        throws
    {
        let shop = Scenario.shop().stocked("A", 50, at: "9.99", location: location("annex"))
        shop.when(.register("carol@x.org", user: 3), as: .system)
        shop.when(.resend("carol@x.org", link: 60), as: .system)
        shop.when(.noticeRegistered(digest("carol@x.org")), as: .system)
        shop.when(.deactivateUser(DeactivateUser(user: UserID(rawValue: 3), reason: "x")))
        let completed = shop.authorized(expiresAt: shop.now.advanced(bySeconds: 9))
        shop.when(.complete(completed))
        shop.outcome(of: completed, .unknown(cause: "x"), call: shop.captureInFlight(of: completed))
        let refunded = shop.paid([OrderItem(sku: "A", quantity: 9)])
        shop.when(.ship(refunded, [LineShipment(lineNumber: 1, quantity: 3)]))
        shop.when(
            .requestReturn(
                RequestReturn(order: refunded, lines: [LineReturn(lineNumber: 1, quantity: 1)])))
        shop.when(
            .refundPayment(
                RefundPayment(
                    payment: shop.payment(of: refunded), amount: pounds("1.00"), reason: "x")))
        let voided = shop.authorized()
        shop.when(.voidPayment(VoidPayment(payment: shop.payment(of: voided))))
        let held = shop.placed()
        shop.outcome(of: held, .captured(reference: "x", amount: pounds("1.00")))
        shop.message("evt_1", .captured, "stranger", pounds("1.00"))
        shop.placed(as: .import)
        let copy = try restored(shop.shop)
        #expect(copy == shop.shop)
        #expect(copy.pendingIntents == shop.shop.pendingIntents)
        #expect(copy.pendingIntents.count == 8)
        #expect(copy.order(held) == shop.shop.order(held))
        #expect(copy.user(UserID(rawValue: 3)) == shop.shop.user(UserID(rawValue: 3)))
        #expect(copy.violations() == [])
        #expect(shop.replayed() == shop.shop)
    }

    @Test
    func
        `given bytes cut anywhere, when read as a snapshot, then an error or a state, never a trap`()
    {
        let (live, _) = settled()
        live.placed([OrderItem(sku: "A", quantity: 1)])
        var writer = WireWriter()
        live.shop.encodeImage(into: &writer)
        for count in 0..<writer.bytes.count {
            writer.bytes.prefix(count).withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                _ = try? Shop(from: &reader)
            }
        }
    }

    @Test func `given a fact just folded, then the work that it asks for is found`() {
        let shop = Scenario.shop()
        let facts = shop.when(.order("A", 1)).facts
        #expect(facts.compactMap { shop.shop.pendingIntent(for: $0) } == shop.shop.pendingIntents)
        shop.captured(OrderID(rawValue: 101))
        #expect(facts.compactMap { shop.shop.pendingIntent(for: $0) } == [])
    }
}
