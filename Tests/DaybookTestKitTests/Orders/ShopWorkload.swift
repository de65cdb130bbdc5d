import DaybookCore
import DaybookDecisions
import DaybookTestKit

/// Identifiers 1001, 1002, 1003 …
struct CountedIdentifiers: IdentifierSource {
    var last: UInt128 = 1_000

    mutating func next() -> UInt128 {
        last += 1
        return last
    }
}

/// The project's own domain, put to work: two products, one customer, a bank that says anything.
var shop: Workload<ShopDecider> {
    var workload = Workload(
        ShopDecider.self,
        commands: ShopCommands.next,
        context: {
            DecisionContext(
                now: Instant(microseconds: 1_767_268_800_000_000), actor: .operator(nil),
                settings: ShopSettings(), identifiers: CountedIdentifiers())
        },
        pass: { context, choices in
            let jump = Generator.clockJump(across: [900, 86_400])
            context.now = context.now.advanced(bySeconds: try jump.draw(from: choices))
        },
        record: { event, position, context in
            Fact(position: position, recordedAt: context.now, event: event)
        })
    workload.opening = ShopCommands.opening
    return workload
}

enum ShopCommands {
    static let ada = UserID(rawValue: 1)
    static let pounds = Currency("GBP")

    /// Ada has an account; there are 5 of A at 9.99 and 1 of B at 10.00.
    static var opening: [PreparedCommand] {
        guard let pounds else { return [] }
        return [
            .registerUser(
                Registration(
                    userID: ada, verificationID: VerificationID(rawValue: 1),
                    emailDigest: EmailDigest(digest: .zero),
                    sealedEmail: Sealed(box: [1], keyVersion: 1), typedEmail: "ada@example.com",
                    hasPassword: true)),
            .addProduct(
                AddProduct(
                    sku: "A", productName: "A", price: Money(minor: 999, currency: pounds))),
            .addProduct(
                AddProduct(
                    sku: "B", productName: "B", price: Money(minor: 1_000, currency: pounds))),
            .receiveStock(ReceiveStock(sku: "A", quantity: 5)),
            .receiveStock(ReceiveStock(sku: "B", quantity: 1)),
        ]
    }

    static func next(_ history: History<ShopDecider>) -> Generator<PreparedCommand> {
        var wishes: [(weight: Int, generator: Generator<PreparedCommand>)] = [
            (4, placements), (1, deliveries),
        ]
        let orders = history.facts.compactMap { fact -> OrderID? in
            if case .orderPlaced(let placed) = fact.event { placed.orderID } else { nil }
        }
        if !orders.isEmpty { wishes.append((4, changes(of: orders))) }
        let charges = history.state.pendingIntents.compactMap { intent -> ChargeIntent? in
            if case .charge(let charge) = intent.kind { charge } else { nil }
        }
        if !charges.isEmpty { wishes.append((5, outcomes(of: charges))) }
        return .weighted(wishes)
    }

    private static var placements: Generator<PreparedCommand> {
        let item = combine(Generator.oneOf(["A", "B"]), Generator.integer(in: 1...6))
            .map { OrderItem(sku: $0, quantity: $1) }
        return item.array(count: 1...3).map { .createOrder(Placement(user: ada, items: $0)) }
    }

    private static var deliveries: Generator<PreparedCommand> {
        combine(Generator.oneOf(["A", "B"]), Generator.integer(in: 1...5))
            .map { .receiveStock(ReceiveStock(sku: $0, quantity: $1)) }
    }

    private static func changes(of orders: [OrderID]) -> Generator<PreparedCommand> {
        let order = Generator<OrderID>.oneOf(orders)
        return .oneOf(
            order.map { .cancelOrder(CancelOrder(order: $0, reason: "changed mind")) },
            order.map { .shipOrder(ShipOrder(order: $0, lines: nil)) },
            order.map { .startProcessing(StartProcessing(order: $0)) },
            order.map { .expireOrder(ExpireOrder(order: $0)) })
    }

    private static func outcomes(of charges: [ChargeIntent]) -> Generator<PreparedCommand> {
        Generator { choices in
            let charge = charges[try choices.below(charges.count)]
            let outcomes: [PaymentOutcome] = [
                .captured(reference: "ch_\(charge.attempt)", amount: charge.amount),
                .declined(code: "no", reason: "no"), .unknown(cause: "time-out"), .neverReceived,
            ]
            return .recordPaymentOutcome(
                RecordPaymentOutcome(
                    payment: charge.paymentID, call: .charge(attempt: charge.attempt),
                    outcome: outcomes[try choices.below(4, .weights([6, 3, 1, 1]))]))
        }
    }
}
