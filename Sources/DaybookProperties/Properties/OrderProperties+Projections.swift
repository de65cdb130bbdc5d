import DaybookCore
import DaybookDecisions
import DaybookProjections
import DaybookTestKit

extension OrderProperties {
    static var projections: [OrderProperty] {
        let models = ReadModelName.allCases
        return models.map { rowsEqualDefinition($0) } + [rowsOfParcels]
            + models.map { rebuiltEqualsIncremental($0) }
            + models.map { redeliveryChangesNothing($0) } + [differentOrdersCommute]
    }

    // MARK: Rows

    private static func rowsEqualDefinition(_ name: ReadModelName) -> OrderProperty {
        let number = name == .orders ? "P-14" : "P-31"
        let sentence = "given any commands, then the rows of \(name) are what the events say"
        return rowsEqualDefinition(name, number, sentence, ShopWorkload.histories)
    }

    private static var rowsOfParcels: OrderProperty {
        let sentence = "given parcels and returns, then the rows of orders are what the events say"
        return rowsEqualDefinition(.orders, "P-31", sentence, parcels)
    }

    private static func rowsEqualDefinition(
        _ name: ReadModelName, _ number: String, _ sentence: String,
        _ histories: Generator<ShopHistory>
    ) -> OrderProperty {
        OrderProperty(
            number,
            Property("\(number) \(sentence)", histories) { history in
                let model = try MemoryReadModel(name)
                try model.project(batches(of: history))
                try compare(model, name, PlainRows(facts: history.facts, state: history.state))
            }, caseCount: 40)
    }

    private static func compare(
        _ model: MemoryReadModel, _ name: ReadModelName, _ plain: PlainRows
    ) throws {
        func expect(_ table: String, _ columns: String, _ rows: [String]) throws {
            let stored = try model.rows(table, columns)
            guard stored != rows else { return }
            throw LawBroken("\(table)\nstored  \(stored)\nmeant   \(rows)", clause: table)
        }
        switch name {
        case .orders:
            try expect(
                "orders",
                "order_number net_minor payable_minor status payment_state fulfilment_state closure "
                    + "captured_minor refunded_minor shipped_units returned_units", plain.orders)
            try expect(
                "order_lines",
                "order_number line_number sku quantity unit_price_minor shipped returned",
                plain.lines)
            try expect(
                "payments",
                "order_number state authorized_minor captured_minor stray_minor refunded_minor held",
                plain.payments)
            try expect("refunds", "state amount_minor", plain.refunds)
            try expect("shipments", "unit_count", plain.shipments)
            try expect(
                "returns", "state requested_units received_units damaged_units", plain.returns)
            try expect(
                "user_products", "sku times_ordered order_count ordered_units", plain.userProducts)
        case .inventory:
            try expect("products", "sku name price_minor on_sale", plain.products)
            try expect("stock", "sku location on_hand reserved", plain.stock)
        case .users:
            try expect("users", "user_id account_state is_active", plain.users)
            try expect("verifications", "verification_id state", plain.links)
            try expect("mails", "template state failures", plain.mails)
        }
    }

    // MARK: Runs

    /// A history in runs, of which some begin too early.
    struct DeliveredHistory: CountsCommands, CountsEvents, SwiftSourceConvertible {
        var history: ShopHistory
        /// Indexes of batches at which a new run begins, ascending.
        var cuts: [Int]
        /// How many batches before a run come with it once more.
        var overlap: Int

        var commandCount: Int { history.commandCount }
        var eventCount: Int { history.eventCount }
        var swiftSource: String {
            "\(history.swiftSource)\n// delivered in runs that begin at batches \(cuts), "
                + "\(overlap) again"
        }

        func runs(overlapping: Bool) -> [ArraySlice<FactBatch>] {
            let all = batches(of: history)
            var start = 0
            return (cuts + [all.count]).map { end in
                defer { start = end }
                return all[max(0, overlapping ? start - overlap : start)..<end]
            }
        }
    }

    private static var deliveries: Generator<DeliveredHistory> {
        Generator { choices in
            let history = try ShopWorkload.histories.draw(from: choices)
            let count = batches(of: history).count
            // Counted from the end, where the new batches are.
            let cuts = try Generator<Int>.integer(in: 0...count).array(count: 0...3)
                .draw(from: choices).map { count - $0 }
            return DeliveredHistory(
                history: history, cuts: cuts.sorted(), overlap: try choices.below(3))
        }
    }

    private static func rebuiltEqualsIncremental(_ name: ReadModelName) -> OrderProperty {
        let sentence = "P-31 P-33 given any runs, then the rows of \(name) are those of one run"
        return OrderProperty(
            "P-31",
            Property(sentence, deliveries) { delivered in
                let incremental = try MemoryReadModel(name)
                for run in delivered.runs(overlapping: false) { try incremental.project(run) }
                let rebuilt = try MemoryReadModel(name)
                try rebuilt.project(batches(of: delivered.history))
                let (grown, whole) = (try incremental.rows(), try rebuilt.rows())
                try require(grown == whole, "grown\n\(grown)\nat once\n\(whole)")
                try requireEqual(incremental.checkpoint, rebuilt.checkpoint)
            }, caseCount: 30)
    }

    private static func redeliveryChangesNothing(_ name: ReadModelName) -> OrderProperty {
        let sentence = "P-32 given batches that come again, then nothing of \(name) changes"
        return OrderProperty(
            "P-32",
            Property(sentence, deliveries) { delivered in
                let once = try MemoryReadModel(name)
                try once.project(batches(of: delivered.history))
                let again = try MemoryReadModel(name)
                for run in delivered.runs(overlapping: true) { try again.project(run) }
                try again.project(batches(of: delivered.history))
                try require(try again.rows() == once.rows(), "the rows differ")
                try requireEqual(again.checkpoint, once.checkpoint)
            }, caseCount: 30)
    }

    // MARK: Isolation

    /// What happens to two orders of different goods, in turns.
    private struct TwoStories: CountsCommands {
        enum Act: CaseIterable { case pay, decline, cancel, process, ship, refund }

        /// Which order acts, and how.
        var acts: [(isSecond: Bool, act: Act)]

        var commandCount: Int { 2 + acts.count }
    }

    private static var differentOrdersCommute: OrderProperty {
        let act = combine(Generator<Bool>.bool, Generator<TwoStories.Act>.anyCase)
        let cases = act.array(count: 0...10).map { acts in
            TwoStories(acts: acts.map { ($0.0, $0.1) })
        }
        return OrderProperty(
            "P-35",
            Property(
                "P-35 given two orders of different goods, then their stories commute", cases
            ) { stories in
                let inTurns = try rows(of: stories.acts)
                let first = stories.acts.filter { !$0.isSecond }
                let second = stories.acts.filter(\.isSecond)
                try requireEqual(try rows(of: first + second), inTurns)
                try requireEqual(try rows(of: second + first), inTurns)
            }, caseCount: 40)
    }

    private static func rows(of acts: [(isSecond: Bool, act: TwoStories.Act)]) throws -> [String] {
        var shop = ShopRun()
        var orders: [OrderPlaced] = []
        for sku in ["A", "B"] {
            shop.apply(ShopRun.order(sku, 1, .automatic))
            if let order = shop.lastOrder { orders.append(order) }
        }
        guard orders.count == 2 else { throw Discard(reason: "not placed") }
        for (isSecond, act) in acts {
            let order = orders[isSecond ? 1 : 0]
            let amount = Money(minor: order.payableMinor, currency: order.currency)
            switch act {
            case .pay: shop.answer(order, .captured(reference: "ch", amount: amount))
            case .decline: shop.answer(order, .declined(code: "no", reason: "no"))
            case .cancel:
                shop.apply(.cancelOrder(CancelOrder(order: order.orderID, reason: "no")))
            case .process: shop.apply(.startProcessing(StartProcessing(order: order.orderID)))
            case .ship: shop.apply(.shipOrder(ShipOrder(order: order.orderID)))
            case .refund:
                guard let payment = shop.state.order(order.orderID)?.payment else { continue }
                shop.apply(
                    .refundPayment(
                        RefundPayment(payment: payment.id, amount: amount, reason: "no")))
            }
        }
        let model = try MemoryReadModel(.orders)
        let goods = try MemoryReadModel(.inventory)
        try model.project(batches(of: shop.history))
        try goods.project(batches(of: shop.history))
        return try model.rows(
            "orders",
            "order_number status payment_state fulfilment_state closure captured_minor "
                + "refunded_minor shipped_units")
            + model.rows("order_lines", "order_number sku quantity shipped")
            + model.rows("payments", "order_number state captured_minor refunded_minor")
            + goods.rows("stock", "sku location on_hand reserved")
    }
}
