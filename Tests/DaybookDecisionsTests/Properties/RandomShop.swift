import DaybookCore
import DaybookDecisions
import Testing

/// A stream of random commands on a small shop, where collisions are common, with a gateway that
/// answers as it likes, late, twice and in any order. Everything is checked after every step.
struct RandomShop {
    let seed: UInt64
    var random: SeededGenerator
    let shop: Scenario
    var naive = NaiveShop()
    var orders: [OrderID] = []
    /// What the gateway said so far, to be said again.
    var said: [(reference: String, kind: GatewayEventKind, amount: Money)] = []
    var messageCount = 0
    var statuses: [OrderID: OrderStatus] = [:]
    private(set) var lastRejection: Rejection?
    static let products = ["A", "B", "C", "POST"]

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        let rate = BasisPoints(rawValue: Int32(random.pick([0, 1_000, 1_999]))) ?? .zero
        shop = Scenario.shop(settings: ShopSettings(taxRate: rate))
        shop.product("C", at: "0.07").product("POST", at: "1.50", stocked: false)
        naive.onHand = ["A": 5, "B": 1, "C": 0]
        naive.unstocked = ["POST"]
    }

    /// One random command, and what the oracle has to say about it.
    mutating func step() {
        let before = shop.shop
        let factCount = shop.facts.count
        let outcome = act()
        lastRejection = outcome.rejection
        if let rejection = outcome.rejection {
            #expect(shop.facts.count == factCount, "P-09 \(rejection.code), seed \(seed)")
            #expect(shop.shop == before, "P-09 \(rejection.code), seed \(seed)")
        }
        for event in outcome.events { follow(event) }
        check(outcome)
    }

    private mutating func act() -> Outcome {
        switch random.int(0...21) {
        case 0...4: return order()
        case 5...8: return answer()
        case 9: return repeatMessage()
        case 10: return shop.when(.cancel(anyOrder()))
        case 11: return shop.when(.expire(dueOrder()), as: .system)
        case 12: return shop.when(.complete(anyOrder()))
        case 13, 20: return ship()
        case 14, 21: return comeBack()
        case 15: return moveStock()
        case 16:
            let price = Money(minor: Int64(random.int(0...2_000)), currency: gbp)
            return shop.when(
                .changePrice(ChangePrice(sku: random.pick(RandomShop.products), price: price)))
        case 17: return refund()
        case 18:
            shop.wait(Int64(random.pick([1, 60, 40_000, 90_000])))
            return shop.when(.reconcilePayments(ReconcilePayments()))
        default:
            let order = anyOrder()
            let payment = shop.payment(of: order)
            return shop.when(
                random.pick([
                    .startProcessing(StartProcessing(order: order)),
                    .voidPayment(VoidPayment(payment: payment)),
                    .capturePayment(CapturePayment(payment: payment, amount: pounds("0.05"))),
                    .capturePayment(CapturePayment(payment: payment)),
                ]))
        }
    }

    private mutating func anyOrder() -> OrderID {
        orders.isEmpty || random.one(in: 20) ? OrderID(rawValue: 1) : random.pick(orders)
    }

    /// An order for which something is likely to happen, if there is one, else any.
    private mutating func order(where isLikely: (OrderState) -> Bool) -> OrderID {
        let likely = orders.filter { shop.shop.order($0).map(isLikely) ?? false }
        return likely.isEmpty || random.one(in: 5) ? anyOrder() : random.pick(likely)
    }

    private mutating func dueOrder() -> OrderID {
        if random.one(in: 2) { shop.wait(90_000) }
        let now = shop.now
        return order { $0.isDueToExpire(at: now) }
    }

    private mutating func order() -> Outcome {
        let items = (0..<random.int(1...4)).map { _ in
            OrderItem(
                sku: random.one(in: 25) ? "nothing" : random.pick(RandomShop.products),
                quantity: random.one(in: 25) ? 0 : random.int(1...4))
        }
        let isServed = items.allSatisfy { $0.quantity > 0 } && naive.canServe(items)
        let outcome = shop.when(
            .order(items, capture: random.pick([.automatic, .manual])))
        #expect((outcome.rejection == nil) == isServed, "P-01 \(items), seed \(seed)")
        if let id = outcome.events.first?.orderID {
            naive.place(id, items)
            orders.append(id)
        }
        return outcome
    }

    /// The gateway answers one of the calls that wait.
    private mutating func answer() -> Outcome {
        let waiting = shop.shop.pendingIntents
        guard !waiting.isEmpty else { return shop.when(.reconcilePayments(ReconcilePayments())) }
        let unknown = PaymentOutcome.unknown(cause: "timeout")
        let declined = PaymentOutcome.declined(code: "no", reason: "no")
        switch random.pick(waiting).kind {
        case .charge(let charge):
            let reference = "ch_\(charge.orderID)"
            let captured = PaymentOutcome.captured(reference: reference, amount: charge.amount)
            let authorized = PaymentOutcome.authorized(
                reference: reference, amount: charge.amount, expiresAt: nil)
            let good = charge.captureMode == .automatic ? captured : authorized
            let kind: GatewayEventKind = charge.captureMode == .automatic ? .captured : .authorized
            let outcome = random.pick([good, good, good, declined, unknown, .neverReceived])
            if outcome == good { said.append((charge.gatewayKey, kind, charge.amount)) }
            if random.one(in: 4), outcome == good {
                return message(charge.gatewayKey, kind, charge.amount)
            }
            return record(charge.paymentID, .charge(attempt: charge.attempt), outcome)
        case .capture(let capture):
            let good = PaymentOutcome.captured(
                reference: capture.reference, amount: capture.amount)
            let outcome = random.pick([good, good, declined, unknown])
            if outcome == good { said.append((capture.gatewayKey, .captured, capture.amount)) }
            return record(capture.paymentID, .capture(capture.captureID), outcome)
        case .void(let void):
            let outcome = random.pick([.voided(reference: void.reference), unknown])
            return record(void.paymentID, .void, outcome)
        case .refund(let refund):
            let good = PaymentOutcome.refunded(reference: refund.reference, amount: refund.amount)
            let outcome = random.pick([good, good, declined, unknown])
            if outcome == good { said.append((refund.gatewayKey, .refunded, refund.amount)) }
            return record(refund.paymentID, .refund(refund.refundID), outcome)
        case .mail(let mail):
            return shop.when(
                .recordMailOutcome(
                    RecordMailOutcome(mail: mail.mailID, outcome: .sent(providerID: nil))))
        }
    }

    private func record(
        _ payment: PaymentID, _ call: PaymentCall, _ outcome: PaymentOutcome
    ) -> Outcome {
        shop.when(
            .recordPaymentOutcome(
                RecordPaymentOutcome(payment: payment, call: call, outcome: outcome)), as: .gateway)
    }

    private mutating func message(
        _ reference: String, _ kind: GatewayEventKind, _ amount: Money
    ) -> Outcome {
        messageCount += 1
        return shop.message("evt_\(messageCount)", kind, reference, amount)
    }

    /// The provider says again what it said, as the same message or as another one.
    private mutating func repeatMessage() -> Outcome {
        guard !said.isEmpty else { return message("stranger", .captured, pounds("1.00")) }
        let (reference, kind, amount) = random.pick(said)
        if random.one(in: 2), messageCount > 0 { messageCount -= 1 }
        return message(reference, kind, amount)
    }

    private mutating func ship() -> Outcome {
        let order = order { $0.status == .paid || $0.status == .processing }
        guard let state = shop.shop.order(order), random.one(in: 2) else {
            return shop.when(.ship(order))
        }
        return shop.when(
            .ship(
                order,
                [
                    LineShipment(
                        lineNumber: random.int(1...state.lines.count), quantity: random.int(1...3))
                ]))
    }

    private mutating func comeBack() -> Outcome {
        let order = order { $0.shippedUnits > $0.returnedUnits }
        let announced = shop.shop.order(order)?.returns.first { !$0.isReceived }
        guard let announced else {
            return shop.when(
                .requestReturn(
                    RequestReturn(
                        order: order,
                        lines: [
                            LineReturn(lineNumber: random.int(1...2), quantity: random.int(1...2))
                        ])))
        }
        let lines = announced.lines.map {
            LineReceipt(
                lineNumber: Int($0.lineNumber), received: Int($0.quantity.rawValue),
                damaged: random.int(0...1))
        }
        return shop.when(
            .receiveReturn(
                ReceiveReturn(
                    returnID: announced.id, order: order, lines: lines, restock: random.one(in: 2)))
        )
    }

    private mutating func moveStock() -> Outcome {
        let name = random.pick(["A", "B", "C"])
        if random.one(in: 2) {
            return shop.when(
                .receiveStock(
                    ReceiveStock(
                        sku: name, location: random.pick([.main, location("annex")]),
                        quantity: random.int(1...6))))
        }
        return shop.when(
            .adjustStock(AdjustStock(sku: name, delta: random.int(-4...3), reason: "count")))
    }

    private mutating func refund() -> Outcome {
        shop.when(
            .refundPayment(
                RefundPayment(
                    payment: shop.payment(of: anyOrder()),
                    amount: Money(minor: Int64(random.int(0...1_500)), currency: gbp), reason: "x"))
        )
    }

    /// Tells the oracle what was accepted.
    private mutating func follow(_ event: Event) {
        switch event {
        case .stockReceived(let event):
            naive.onHand[event.sku.rawValue, default: 0] += Int(event.quantity)
        case .stockAdjusted(let event):
            naive.onHand[event.sku.rawValue, default: 0] += Int(event.delta)
        case .orderCancelled(let event): naive.release(event.orderID)
        case .orderExpired(let event): naive.release(event.orderID)
        case .paymentDeclined(let event) where event.captureID == nil: naive.release(event.orderID)
        case .shipmentDispatched(let event):
            for line in event.lines {
                naive.ship(
                    event.orderID, line: Int(line.lineNumber) - 1,
                    quantity: Int(line.quantity.rawValue))
            }
        case .stockRestocked(let event):
            for line in event.lines {
                naive.restock(
                    event.orderID, line: Int(line.lineNumber) - 1,
                    quantity: Int(line.quantity.rawValue))
            }
        default: break
        }
    }

    private mutating func check(_ outcome: Outcome) {
        #expect(shop.shop.violations() == [], "seed \(seed) after \(outcome.events.map(\.brief))")
        for event in outcome.events { #expect(event.violations() == [], "P-10, seed \(seed)") }
        for name in ["A", "B", "C"] {
            let product = shop.shop.product(sku(name))
            #expect(
                product.map { Int($0.onHand) } == naive.onHand[name], "P-05 \(name), seed \(seed)")
            #expect(
                product.map { Int($0.reserved) } == naive.reserved(name),
                "P-03 \(name), seed \(seed)")
        }
        for id in orders {
            guard let now = shop.shop.order(id)?.status else { continue }
            let before = statuses.updateValue(now, forKey: id) ?? .pending
            #expect(
                before == now || RandomShop.transitions[before]?.contains(now) == true,
                "P-14 \(before) → \(now), seed \(seed)")
        }
    }

    /// The changes of the public status that DOMAIN 3.2 knows.
    private static let transitions: [OrderStatus: Set<OrderStatus>] = [
        .pending: [.paid, .paymentFailed, .cancelled, .expired],
        .paid: [.processing, .shipped, .cancelled],
        .paymentFailed: [.cancelled],
        .processing: [.shipped, .cancelled],
        .shipped: [.returned],
    ]
}
