import DaybookCore
import DaybookDecisions
package import DaybookTestKit

extension OrderProperties {
    static var stock: [OrderProperty] {
        [
            audit(
                "P-01",
                "given any commands, then no stock figure is negative and nothing is oversold",
                by: StockBook.self),
            audit(
                "P-02", "S-020 given any commands, then what fits the available stock is accepted",
                by: StockBook.self),
            audit(
                "P-03", "given any commands, then reserved is what orders keep, place by place",
                by: StockBook.self),
            audit(
                "P-04", "given any commands, then an open order keeps what it has yet to send",
                by: StockBook.self),
            audit(
                "P-05", "given any commands, then on hand is what the movements say",
                by: StockBook.self),
            audit(
                "P-06", "given any commands, then releases, parcels and returns have their source",
                by: StockBook.self),
            audit(
                "P-07", "given any commands, then an order that is given up keeps nothing",
                by: StockBook.self),
            audit(
                "P-05", "given parcels and returns, then on hand is what the movements say",
                by: StockBook.self, histories: parcels),
            audit(
                "P-06", "given parcels and returns, then no more comes back than went",
                by: StockBook.self, histories: parcels),
            givingUpLeavesNoTrace,
            splittingChangesNothing,
        ]
    }

    /// Histories of goods that cost nothing, and so are sent at once: much comes back.
    package static var parcels: Generator<ShopHistory> {
        ShopWorkload.histories { workload in
            workload.commands = { ShopCommands(history: $0).parcels }
            workload.pass = { _, _ in }
        }
    }

    // MARK: Giving up

    /// An order that is placed before others and given up after them.
    private struct GivenUpOrder: CountsCommands {
        enum End: CaseIterable { case cancelled, declined, expired }

        var quantity: Int
        var others: [Int]
        var end: End

        var commandCount: Int { 2 + others.count }
    }

    private static var givingUpLeavesNoTrace: OrderProperty {
        let cases = combine(
            Generator<Int>.integer(in: 1...5),
            Generator<Int>.integer(in: 1...6).array(count: 0...6),
            Generator<GivenUpOrder.End>.anyCase
        ).map { GivenUpOrder(quantity: $0, others: $1, end: $2) }
        let sentence = "given an order that is given up among others, then as if never placed"
        return OrderProperty(
            "P-07",
            Property("P-07 \(sentence)", cases) { plan in
                let (with, without) = try figures(plan)
                try require(with == without, "stock \(with), without the order \(without)")
            })
    }

    private static func figures(_ plan: GivenUpOrder) throws -> (String, String) {
        var with = ShopRun()
        var without = ShopRun()
        let delivery = PreparedCommand.receiveStock(ReceiveStock(sku: "A", quantity: 60))
        with.apply(delivery)
        without.apply(delivery)
        with.apply(ShopRun.order("A", plan.quantity, .manual))
        guard let order = with.lastOrder else { throw Discard(reason: "not placed") }
        for quantity in plan.others {
            with.apply(ShopRun.order("A", quantity, .automatic))
            without.apply(ShopRun.order("A", quantity, .automatic))
        }
        switch plan.end {
        case .cancelled:
            with.apply(.cancelOrder(CancelOrder(order: order.orderID, reason: "changed mind")))
        case .declined:
            with.answer(order, .declined(code: "no", reason: "no"))
        case .expired:
            let amount = Money(minor: order.payableMinor, currency: order.currency)
            with.answer(order, .authorized(reference: "ch", amount: amount, expiresAt: nil))
            with.context.now = with.context.now.advanced(bySeconds: 86_400)
            with.apply(.expireOrder(ExpireOrder(order: order.orderID)))
        }
        return (with.figures(of: "A"), without.figures(of: "A"))
    }

    // MARK: Splitting

    /// A line of `first` + `second`, or a line for each, after some history.
    private struct SplitLine: CountsCommands, SwiftSourceConvertible {
        var history: ShopHistory
        var sku: String
        var first: Int
        var second: Int

        var commandCount: Int { history.commandCount + 1 }
        var swiftSource: String {
            "\(history.swiftSource)\n// then \(sku) × \(first)+\(second), or in two lines"
        }
    }

    private static var splittingChangesNothing: OrderProperty {
        let quantity = Generator<Int>.integer(in: 1...4)
        let cases = combine(
            ShopWorkload.histories, Generator<String>.oneOf(["A", "B", "C", "FREE", "POST"]),
            quantity,
            quantity
        ).map { SplitLine(history: $0, sku: $1, first: $2, second: $3) }
        let sentence =
            "given a line of a+b or two lines of a and b, then the same is accepted and kept"
        return OrderProperty(
            "P-08",
            Property("P-08 \(sentence)", cases) { split in
                let one = outcome(of: [split.first + split.second], split)
                let two = outcome(of: [split.first, split.second], split)
                try require(one == two, "as one line: \(one); as two: \(two)")
            })
    }

    private static func outcome(of quantities: [Int], _ split: SplitLine) -> String {
        var run = ShopRun(after: split.history)
        let items = quantities.map { OrderItem(sku: split.sku, quantity: $0) }
        let isAccepted = run.apply(
            .createOrder(Placement(user: ShopWorkload.ada, items: items)))
        let net = isAccepted ? "\(run.lastOrder?.netMinor ?? 0)" : "nothing"
        return "\(isAccepted), \(run.figures(of: split.sku)), net \(net)"
    }
}
