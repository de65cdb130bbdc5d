import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct `Packed orders` {
    private let items = [OrderItem(sku: "C", quantity: 2)]

    /// Twenty orders: every second one paid, some of those shipped, the others waiting for their payment.
    private func history() -> Scenario {
        let shop = Scenario.shop().stocked("C", 100, at: "2.50")
        for number in 0..<20 {
            if number.isMultiple(of: 2) {
                let order = shop.paid(items)
                if number.isMultiple(of: 6) { shop.when(.ship(order)) }
            } else {
                shop.placed(items)
            }
        }
        return shop
    }

    private func folded(_ facts: [Fact], unpacked: Int) -> Shop {
        var shop = Shop(unpackedOrderCapacity: unpacked)
        for fact in facts { ShopDecider.evolve(&shop, with: fact) }
        return shop
    }

    @Test(arguments: [0, 1, 5])
    func `given a small capacity, when a history is folded, then the state is the same`(
        capacity: Int
    ) {
        let scenario = history()
        let packed = folded(scenario.facts, unpacked: capacity)
        #expect(packed.packedOrderCount > 0)
        #expect(packed.openOrderCount == scenario.shop.openOrderCount)
        #expect(packed == scenario.shop)
        #expect(packed.pendingIntents == scenario.shop.pendingIntents)
        let later = scenario.now.advanced(bySeconds: 10 * 86_400)
        #expect(
            packed.ordersDue(at: later, limit: 100)
                == scenario.shop.ordersDue(at: later, limit: 100))
        #expect(packed.violations() == [])
    }

    /// A start must not pack while it reads: the places of the image mean the image's own chunks.
    @Test(arguments: [0, 1, 3])
    func
        `given an image with packed and quiet orders, when read into less room, then all are the same`(
            capacity: Int
        ) throws
    {
        let scenario = history()
        let packed = folded(scenario.facts, unpacked: 14)
        #expect(packed.packedOrderCount > 0)
        var writer = WireWriter()
        packed.encodeImage(into: &writer)
        var copy = try writer.withUnsafeBytes { bytes throws(WireError) in
            var reader = WireReader(bytes)
            return try Shop(from: &reader, isVouchedFor: true, unpackedOrderCapacity: capacity)
        }
        #expect(copy == scenario.shop)
        #expect(copy.violations() == [])
        let known = scenario.facts.count
        for _ in 0..<20 { _ = scenario.paid(items) }
        for fact in scenario.facts[known...] { ShopDecider.evolve(&copy, with: fact) }
        #expect(copy == scenario.shop)
        #expect(copy.packedOrderCount > packed.packedOrderCount)
    }

    /// The image with each of its fields on its own.
    private func fields(of shop: Shop) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var image = WireWriter()
        shop.encodeImage(into: &image) { field in
            fields.append(field.bytes)
            field.removeAll()
        }
        return fields + [image.bytes]
    }

    private func shop(ofParts parts: [[UInt8]]) throws -> Shop {
        var shop = Shop(unpackedOrderCapacity: 1)
        for part in parts {
            try part.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws -> Void in
                var reader = WireReader(bytes)
                try shop.addImage(from: &reader)
            }
        }
        try shop.finishImage(isVouchedFor: false)
        return shop
    }

    @Test
    func `given an image with packed orders, when read part by part, then all are the same`() throws
    {
        let scenario = history()
        let packed = folded(scenario.facts, unpacked: 1)
        #expect(packed.packedOrderCount > 0)
        let parts = fields(of: packed)
        try #require(parts.count > 5)
        let copy = try shop(ofParts: parts)
        #expect(copy == scenario.shop)
        #expect(copy.packedOrderCount == packed.packedOrderCount)
    }

    /// Numbers of texts follow the order in which they came, so that equal orders may lie here as other bytes.
    @Test
    func
        `given the same orders in another sequence, when compared, then only what differs is looked at`()
        throws
    {
        let shop = Scenario.shop().stocked("C", 100, at: "2.50").stocked("D", 100, at: "1.00")
        let first = shop.placed(items)
        let second = shop.placed([OrderItem(sku: "D", quantity: 3)])
        let orders = try [first, second].map { try #require(shop.shop.order($0)) }
        func packed(_ orders: some Sequence<OrderState>) -> PackedOrders {
            var packed = PackedOrders()
            for order in orders { packed.insert(order) }
            return packed
        }
        func looked(_ ours: borrowing PackedOrders, _ theirs: borrowing PackedOrders) -> Set<
            OrderID
        > {
            var looked: Set<OrderID> = []
            _ = ours.allSatisfy(besides: theirs) { looked.insert($0.id).inserted }
            return looked
        }
        #expect(looked(packed(orders), packed(orders)).isEmpty)
        #expect(looked(packed(orders), packed(orders.reversed())) == [first, second])
        #expect(looked(packed(orders), packed(orders.prefix(1))) == [second])
        var changed = orders
        changed[1].lines[0].shipped = 1
        #expect(looked(packed(orders), packed(changed)) == [second])
        #expect(!packed(orders).allSatisfy(besides: packed(changed)) { _ in false })
    }

    @Test(arguments: [0, 1, 5], [true, false])
    func `given packed orders, when read from an image, then they are packed and decide alike`(
        capacity: Int, isVouchedFor: Bool
    ) throws {
        let scenario = history()
        let packed = folded(scenario.facts, unpacked: capacity)
        var writer = WireWriter()
        packed.encodeImage(into: &writer)
        var copy = try writer.withUnsafeBytes { bytes throws(WireError) in
            var reader = WireReader(bytes)
            return try Shop(from: &reader, isVouchedFor: isVouchedFor)
        }
        #expect(copy.packedOrderCount == packed.packedOrderCount)
        #expect(copy == scenario.shop)
        #expect(copy.pendingIntents == scenario.shop.pendingIntents)
        for fact in scenario.facts {
            guard case .orderPlaced(let event) = fact.event,
                let order = packed.order(event.orderID), !order.isSettled
            else { continue }
            #expect(copy.order(order.id) == order)
            let payment = try #require(order.payment)
            #expect(copy.orderID(ofPayment: payment.id) == order.id)
        }
        let known = scenario.facts.count
        let waiting = scenario.facts.compactMap { fact -> OrderID? in
            guard case .orderPlaced(let event) = fact.event else { return nil }
            return packed.order(event.orderID)?.status == .paid ? event.orderID : nil
        }
        let order = try #require(waiting.first)
        scenario.when(.ship(order))
        for fact in scenario.facts[known...] { ShopDecider.evolve(&copy, with: fact) }
        #expect(copy == scenario.shop)
        #expect(copy.violations() == [])
    }

    @Test
    func
        `given an image that was changed anywhere, when read, then an error or a state, never a trap`()
    {
        var writer = WireWriter()
        folded(history().facts, unpacked: 1).encodeImage(into: &writer)
        for index in 0..<writer.byteCount {
            for bit in [0x01, 0x40, 0x80] as [UInt8] {
                var bytes = writer.bytes
                bytes[index] ^= bit
                bytes.withUnsafeBytes { bytes in
                    var reader = WireReader(bytes)
                    guard var shop = try? Shop(from: &reader) else { return }
                    var ids: [OrderID] = []
                    shop.orders.forEachOpen { ids.append($0.id) }
                    // Unpacks each, and moves together what stays.
                    for id in ids { shop.orders.update(id) { $0.isProcessing = true } }
                    shop.orders.forEachOpen { _ = $0.isSettled }
                }
            }
        }
    }

    @Test
    func `given a packed order, when it is shipped, then it is unpacked, changed and settled`()
        throws
    {
        let scenario = Scenario.shop().stocked("C", 100, at: "2.50")
        let order = scenario.paid(items)
        for _ in 0..<5 { _ = scenario.paid(items) }
        let facts = scenario.facts
        scenario.when(.ship(order))
        var shop = folded(facts, unpacked: 1)
        #expect(shop.packedOrderCount > 0)
        let before = try #require(shop.order(order))
        #expect(before.status == .paid || before.status == .processing)
        for fact in scenario.facts[facts.count...] { ShopDecider.evolve(&shop, with: fact) }
        #expect(shop.order(order) == scenario.shop.order(order))
        #expect(shop.order(order)?.status == .shipped)
        #expect(shop == scenario.shop)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func
        `given random insertions and removals, when compared with a dictionary, then both hold the same`(
            seed: UInt64
        ) throws
    {
        let scenario = history()
        var sample: [OrderState] = []
        for fact in scenario.facts {
            if case .orderPlaced(let event) = fact.event {
                sample.append(try #require(scenario.shop.order(event.orderID)))
            }
        }
        // Chunks that hold few orders, so that they drain and move together.
        var packed = PackedOrders(chunkByteCount: 1_024)
        var model: [OrderID: OrderState] = [:]
        var state = seed
        for step in 0..<4_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let order = sample[Int(state >> 33) % sample.count]
            // Phases of growing and of draining.
            let isInsertion = (state >> 20) % 8 < (step / 500 % 2 == 0 ? 6 : 2)
            if isInsertion, model[order.id] == nil {
                packed.insert(order)
                model[order.id] = order
            } else if !isInsertion {
                #expect(
                    packed.remove(order.id)?.order == model.removeValue(forKey: order.id),
                    "seed \(seed), step \(step)")
            }
            #expect(packed.count == model.count, "seed \(seed), step \(step)")
        }
        for order in sample { #expect(packed[order.id] == model[order.id], "seed \(seed)") }
    }
}
