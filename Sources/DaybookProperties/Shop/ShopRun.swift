import DaybookCore
import DaybookDecisions
import DaybookTestKit

/// A shop on which commands are tried one by one, for properties that compare two of them.
struct ShopRun {
    private let workload = ShopWorkload.workload()
    private(set) var history: ShopHistory
    var context: DecisionContext

    /// The shop after the opening.
    init() {
        (history, context) = workload.begin()
    }

    /// The shop as a history left it, at the time of its last command.
    init(after history: ShopHistory) {
        self.history = history
        context = history.steps.last?.context ?? workload.begin().context
        context.identifiers = CountedIdentifiers(last: 1 << 64)
        context.actor = .operator(nil)
    }

    var state: Shop { history.state }
    var facts: [Fact] { history.facts }

    /// Whether it was accepted.
    @discardableResult
    mutating func apply(_ command: PreparedCommand) -> Bool {
        workload.apply(command, to: &history, in: &context)
        guard case .success? = history.steps.last?.outcome else { return false }
        return true
    }

    /// The bank answers the charge of an order.
    mutating func answer(_ order: OrderPlaced, _ outcome: PaymentOutcome) {
        guard let payment = state.order(order.orderID)?.payment else { return }
        apply(
            .recordPaymentOutcome(
                RecordPaymentOutcome(
                    payment: payment.id, call: .charge(attempt: payment.attempt), outcome: outcome))
        )
    }

    /// The order that was placed last.
    var lastOrder: OrderPlaced? {
        for fact in facts.reversed() {
            if case .orderPlaced(let placed) = fact.event { return placed }
        }
        return nil
    }

    func figures(of sku: String) -> String {
        guard let product = SKU(rawValue: sku).flatMap(state.product) else { return "no product" }
        let places = product.stock.filter { $0.onHand != 0 || $0.reserved != 0 }.map {
            "\($0.location) \($0.onHand)/\($0.reserved)"
        }
        return places.joined(separator: ", ")
    }

    static func order(_ sku: String, _ quantity: Int, _ mode: CaptureMode) -> PreparedCommand {
        .createOrder(
            Placement(
                user: ShopWorkload.ada, items: [OrderItem(sku: sku, quantity: quantity)],
                capture: mode))
    }
}
