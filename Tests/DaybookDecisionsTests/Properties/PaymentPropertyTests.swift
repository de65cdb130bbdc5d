import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Properties of payments` {
    /// What one provider may say about one payment, in the order in which it happened.
    private static let histories: [[GatewayEventKind]] = [
        [.authorized, .captured], [.captured], [.declined], [.authorized, .voided], [.authorized],
    ]

    @Test
    func
        `P-38 given one payment's messages in any order and number, then its state and the order's are the same`()
    {
        for seed in Seed.runs(150) {
            var random = SeededGenerator(seed: seed)
            let history = random.pick(Self.histories)
            let mode = random.pick([CaptureMode.automatic, .manual])
            let inOrder = state(after: history, mode: mode)
            var messages = history
            for kind in history { for _ in 0..<random.int(0...2) { messages.append(kind) } }
            let shuffled = state(after: messages.shuffled(using: &random), mode: mode)
            #expect(inOrder == shuffled, "\(history), \(mode), seed \(seed)")
        }
    }

    private func state(after messages: [GatewayEventKind], mode: CaptureMode) -> [String] {
        let shop = Scenario.shop()
        let order = shop.placed(capture: mode)
        for (offset, kind) in messages.enumerated() {
            shop.message("evt_\(offset)", kind, "\(order)/1", pounds("19.98"))
        }
        let captures = shop.brief().filter { $0.hasPrefix("PaymentCaptured") }.count
        return [
            shop.status(of: order), shop.paymentState(of: order), "\(captures) captures",
            "\(shop.available("A")) available",
        ]
    }

    @Test func `P-12 given any refunds and outcomes, then what goes back never exceeds what came`()
    {
        for seed in Seed.runs(60) {
            var random = SeededGenerator(seed: seed)
            let shop = Scenario.shop()
            let order = shop.paid()
            let payment = shop.payment(of: order)
            for _ in 0..<30 {
                if random.one(in: 2) {
                    let amount = Money(minor: Int64(random.int(1...900)), currency: gbp)
                    shop.when(
                        .refundPayment(RefundPayment(payment: payment, amount: amount, reason: "x"))
                    )
                } else if case .refund(let refund)? = shop.shop.order(order)?.pendingIntents.first?
                    .kind
                {
                    let outcomes: [PaymentOutcome] = [
                        .refunded(reference: "re", amount: refund.amount),
                        .declined(code: "no", reason: "no"), .unknown(cause: "x"),
                    ]
                    shop.outcome(
                        of: order, random.pick(outcomes), call: .refund(refund.refundID))
                }
                let account = shop.shop.order(order)?.payment
                let back = (account?.refundedMinor ?? 0) + (account?.refundPendingMinor ?? 0)
                #expect(0 <= back && back <= 1998, "seed \(seed)")
                #expect(shop.shop.violations() == [], "seed \(seed)")
            }
        }
    }

    @Test
    func `P-13 D-04 given any history, then one order's charge has one key, whatever is repeated`()
    {
        for seed in Seed.runs(12) {
            var world = RandomShop(seed: seed)
            for _ in 0..<120 { world.step() }
            var attempts: [OrderID: Int] = [:]
            var captured: [OrderID: Int64] = [:]
            for fact in world.shop.facts {
                switch fact.event {
                case .paymentRequested(let event): attempts[event.orderID, default: 0] += 1
                case .paymentCaptured(let event):
                    captured[event.orderID, default: 0] += event.amount.minor
                default: break
                }
            }
            #expect(attempts.values.allSatisfy { $0 == 1 }, "seed \(seed)")
            for (order, amount) in captured {
                #expect(
                    amount <= world.shop.shop.order(order)?.payableMinor ?? 0, "seed \(seed)")
            }
        }
    }

    @Test
    func `P-20 given any registrations, verifications and waits, then an address has one holder`() {
        for seed in Seed.runs(40) {
            var random = SeededGenerator(seed: seed)
            let shop = Scenario()
            let spellings = ["a@x.org", "A@X.ORG", "b@x.org", "B@x.org "]
            for user in 3..<40 {
                switch random.int(0...3) {
                case 0, 1:
                    shop.when(.register(random.pick(spellings), user: UInt128(user)), as: .system)
                case 2:
                    guard let known = shop.shop.userID(forEmail: digest(random.pick(spellings))),
                        let link = shop.shop.user(known)?.link
                    else { continue }
                    shop.when(
                        .verify(
                            link: link.id.rawValue, user: known.rawValue, expiresAt: link.expiresAt)
                    )
                default: shop.wait(Int64(random.pick([60, 90_000, 400_000, 700_000])))
                }
                #expect(shop.shop.violations() == [], "seed \(seed)")
            }
        }
    }
}
