import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Properties of random histories` {
    @Test
    func
        `P-01 P-03 P-04 P-05 P-06 P-09 P-10 P-12 P-14 given any stream of commands, then figures agree with the naive shop after every step`()
    {
        for seed in Seed.runs(40) {
            var world = RandomShop(seed: seed)
            for _ in 0..<120 { world.step() }
        }
    }

    @Test
    func
        `P-30 P-40 given any history, when folded again or through a snapshot at any point, then the state is the same`()
        throws
    {
        for seed in Seed.runs(12) {
            var world = RandomShop(seed: seed)
            for _ in 0..<100 { world.step() }
            let live = world.shop.shop
            #expect(world.shop.replayed() == live, "seed \(seed)")
            let cut = world.random.int(0...world.shop.facts.count)
            var state = ShopDecider.initial
            for fact in world.shop.facts[..<cut] { ShopDecider.evolve(&state, with: fact) }
            var writer = WireWriter()
            state.encode(into: &writer)
            var restored = try writer.bytes.withUnsafeBytes { bytes throws(WireError) in
                var reader = WireReader(bytes)
                return try Shop(from: &reader)
            }
            // Position by position, as a replay that meets settled orders does.
            for fact in world.shop.facts[cut...] {
                for tag in restored.subjectsToLoad(for: [fact]) {
                    restored.load(
                        world.shop.facts.filter {
                            $0.position < fact.position && $0.event.tags.contains(tag)
                        })
                }
                ShopDecider.evolve(&restored, with: fact)
            }
            #expect(restored == live, "seed \(seed), cut \(cut)")
            #expect(restored.pendingIntents == live.pendingIntents, "seed \(seed)")
        }
    }

    @Test
    func
        `P-30 given the same commands and inputs, when decided twice, then the events are the same`()
    {
        for seed in Seed.runs(6) {
            var first = RandomShop(seed: seed)
            var second = RandomShop(seed: seed)
            for _ in 0..<80 {
                first.step()
                second.step()
            }
            #expect(first.shop.facts == second.shop.facts, "seed \(seed)")
        }
    }

    @Test
    func `P-37 D-18 given any history, then each cause asks for at most one mail per template`() {
        for seed in Seed.runs(12) {
            var world = RandomShop(seed: seed)
            for _ in 0..<120 { world.step() }
            var seen: Set<[String]> = []
            for fact in world.shop.facts {
                guard case .mailRequested(let mail) = fact.event else { continue }
                let cause = [
                    mail.template.name, mail.userID.description, mail.orderID?.description ?? "",
                ]
                #expect(seen.insert(cause).inserted, "\(cause), seed \(seed)")
            }
        }
    }

    @Test
    func
        `P-39 given any history, then an expired order was due and had no money, and what came later goes back`()
    {
        for seed in Seed.runs(30) {
            var world = RandomShop(seed: seed)
            for _ in 0..<120 { world.step() }
            var money: [OrderID: Int64] = [:]
            for fact in world.shop.facts {
                switch fact.event {
                case .paymentCaptured(let event):
                    money[event.orderID, default: 0] += event.amount.minor
                case .orderExpired(let event):
                    #expect(event.deadline <= fact.recordedAt, "seed \(seed)")
                    #expect(money[event.orderID] == nil, "seed \(seed)")
                case .latePaymentReceived(let event):
                    let refund = world.shop.facts.first {
                        if case .refundRequested(let refund) = $0.event {
                            $0.position == fact.position.advanced(by: 1)
                                && refund.orderID == event.orderID && refund.amount == event.actual
                        } else {
                            false
                        }
                    }
                    #expect(refund != nil, "seed \(seed)")
                default: break
                }
            }
        }
    }
}

@Suite struct `The random shop itself` {
    @Test func `given its histories, then every kind of event and every status occurs in them`() {
        var types: Set<String> = []
        var statuses: Set<OrderStatus> = []
        var rejections: Set<String> = []
        for seed in 2_026..<UInt64(2_066) {
            var world = RandomShop(seed: seed)
            for _ in 0..<120 {
                world.step()
                if let rejection = world.lastRejection { rejections.insert(rejection.code) }
                statuses.formUnion(world.statuses.values)
            }
            for fact in world.shop.facts { types.insert(fact.event.type.rawValue) }
        }
        let elsewhere: Set<String> = [
            "VerificationIssued", "VerificationVoided", "UserDeactivated", "UserReactivated",
            "ProductRenamed", "ProductDiscontinued", "MailFailed", "PaymentAmountMismatchDetected",
            "ProjectionEventSkipped",
        ]
        let missing = Event.allTypes.map(\.rawValue).filter {
            !types.contains($0) && !elsewhere.contains($0)
        }
        #expect(missing == [])
        #expect(statuses.count == OrderStatus.allCases.count - 1)  // Nobody confirms deliveries.
        #expect(rejections.count >= 10, "\(rejections.sorted())")
    }
}

@Suite struct `Properties of stock` {
    @Test
    func
        `P-02 S-020 given n units and any orders, then never more than n are reserved, and what fits is accepted`()
    {
        for seed in Seed.runs(60) {
            var random = SeededGenerator(seed: seed)
            let shop = Scenario.shop()
            let count = random.int(0...40)
            shop.stocked("N", Int64(count) + 1, at: "1.00")
            var left = count + 1
            for _ in 0..<20 {
                let wanted = random.int(1...8)
                let outcome = shop.when(.order("N", wanted))
                #expect((outcome.rejection == nil) == (wanted <= left), "seed \(seed)")
                if outcome.rejection == nil { left -= wanted }
                #expect(shop.available("N") == Int64(left), "seed \(seed)")
            }
        }
    }

    @Test
    func
        `P-07 given an order that is declined, cancelled or expires among others, then the figures are as without it`()
    {
        for seed in Seed.runs(60) {
            var random = SeededGenerator(seed: seed)
            let with = Scenario.shop().stocked("A", 60, at: "9.99")
            let without = Scenario.shop().stocked("A", 60, at: "9.99")
            let items = [OrderItem(sku: "A", quantity: random.int(1...5))]
            let order = with.placed(items, capture: .manual)
            let others = (0..<random.int(0...6)).map { _ in random.int(1...6) }
            for other in others {
                with.when(.order("A", other))
                without.when(.order("A", other))
            }
            switch random.int(0...2) {
            case 0: with.when(.cancel(order))
            case 1: with.outcome(of: order, .declined(code: "no", reason: "no"))
            default:
                with.outcome(
                    of: order,
                    .authorized(
                        reference: "x", amount: with.shop.order(order)?.payable ?? pounds("0"),
                        expiresAt: nil))
                with.wait(90_000)
                with.when(.expire(order))
            }
            #expect(with.shop.product(sku("A")) == without.shop.product(sku("A")), "seed \(seed)")
        }
    }

    @Test
    func
        `P-08 given a line of a+b or two lines of a and b, then acceptance, stock and net total are the same`()
    {
        for seed in Seed.runs(80) {
            var random = SeededGenerator(seed: seed)
            let one = Scenario.shop()
            let two = Scenario.shop()
            let (a, b) = (random.int(1...4), random.int(1...4))
            let whole = one.when(.order("A", a + b))
            let split = two.when(
                .order([OrderItem(sku: "A", quantity: a), OrderItem(sku: "A", quantity: b)]))
            #expect((whole.rejection == nil) == (split.rejection == nil), "seed \(seed)")
            #expect(one.shop.product(sku("A")) == two.shop.product(sku("A")), "seed \(seed)")
            let orders = [whole, split].map { outcome in
                outcome.events.first?.orderID.flatMap { outcome.scenario.shop.order($0) }?.netMinor
            }
            #expect(orders[0] == orders[1], "seed \(seed)")
        }
    }

    @Test
    func
        `P-15 given placed orders, when prices change, then their lines, totals and payments stay`()
    {
        for seed in Seed.runs(20) {
            var random = SeededGenerator(seed: seed)
            let shop = Scenario.shop().stocked("A", 100, at: "9.99")
            let orders = (0..<5).map { _ in
                shop.placed([OrderItem(sku: "A", quantity: random.int(1...9))])
            }
            let before = orders.map { shop.shop.order($0) }
            for _ in 0..<5 {
                let price = Money(minor: Int64(random.int(0...99_999)), currency: gbp)
                shop.when(.changePrice(ChangePrice(sku: "A", price: price)))
                shop.when(.renameProduct(RenameProduct(sku: "A", productName: "N\(price.minor)")))
            }
            #expect(orders.map { shop.shop.order($0) } == before, "seed \(seed)")
        }
    }
}
