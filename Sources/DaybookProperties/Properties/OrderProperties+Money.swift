import DaybookCore
import DaybookDecisions
import DaybookTestKit

extension OrderProperties {
    static var money: [OrderProperty] {
        [
            audit(
                "P-10",
                "given any commands, then lines and orders add up at the price of the moment",
                by: MoneyBook.self),
            audit(
                "P-11", "given any commands, then tax is the named rounding of net times rate",
                by: MoneyBook.self),
            taxIsMonotone,
            audit(
                "P-12", "given any commands, then no more goes back than came, or comes than may",
                by: MoneyBook.self),
            audit(
                "P-13", "D-04 given any commands, then an order is charged under one key only",
                by: MoneyBook.self),
            bankAndLogAgree,
            audit(
                "P-14",
                "given any commands, then the status follows from the axes and moves legally",
                by: MoneyBook.self),
            audit(
                "P-15", "given any commands, then a price that changes changes no order",
                by: MoneyBook.self),
            arithmeticIsExact, moneyReadsBack,
        ]
    }

    // MARK: Values

    private static var amounts: Generator<Int64> {
        .integer(in: .min ... .max, towards: 0, favouring: [.max, .min, -1, 1, 5, 99, 100])
    }

    private static var taxIsMonotone: OrderProperty {
        let cases = combine(
            Generator<Int64>.minorUnits(in: 0...1_000_000_000_000),
            Generator<Int32>.integer(in: 0...100_000, favouring: [500, 1_000, 1_999, 2_000]),
            Generator<Rounding>.oneOf(ShopWorkload.roundings))
        return OrderProperty(
            "P-11",
            Property("P-11 given any net, then tax is monotone and within half a unit", cases) {
                net, bps, rounding in
                guard let rate = BasisPoints(rawValue: bps),
                    let tax = rounding.tax(onNet: net, at: rate),
                    let next = rounding.tax(onNet: net + 1, at: rate)
                else { throw LawBroken("no tax", clause: "tax") }
                try require(tax <= next, "more net gives less tax")
                let error = (Int128(tax) * 10_000 - Int128(net) * Int128(bps)).magnitude
                try require(error * 2 <= 10_000, "tax \(tax) is off by \(error) / 10,000")
                try requireEqual(
                    Int128(tax), TaxArithmetic.tax(on: Int128(net), at: rate, rounding))
                let total = ShopWorkload.money(net).map { TotalWithTax(net: $0) }
                try requireEqual(total?.numerator, Int128(net) * 11)
            })
    }

    private static var arithmeticIsExact: OrderProperty {
        OrderProperty(
            "P-17",
            Property(
                "P-17 given any amounts, then arithmetic is exact or refused",
                combine(amounts, amounts)
            ) {
                left, right in
                guard let a = ShopWorkload.money(left), let b = ShopWorkload.money(right) else {
                    return
                }
                func expect(_ result: Money?, _ exact: Int128) throws {
                    try requireEqual(result?.minor, Int64(exactly: exact))
                }
                try expect(a.adding(b), Int128(left) + Int128(right))
                try expect(a.subtracting(b), Int128(left) - Int128(right))
                let (high, low) = left.multipliedFullWidth(by: right)
                try requireEqual(
                    a.multiplied(by: right)?.minor,
                    high == Int64(bitPattern: low) >> 63 ? Int64(bitPattern: low) : nil)
            })
    }

    private static var moneyReadsBack: OrderProperty {
        let currencies = ["GBP", "JPY", "KWD"].compactMap { Currency(rawValue: $0) }
        let cases = combine(amounts, Generator<Currency>.oneOf(currencies))
            .map { Money(minor: $0, currency: $1) }
        return OrderProperty(
            "P-18",
            Property("P-18 given money of 0, 2 or 3 decimals, then it reads back as written", cases)
            {
                try requireEqual(Money(text: $0.formatted, currency: $0.currency), $0)
            })
    }

    // MARK: The bank

    /// Orders and what the bank does about each.
    private struct BankRun: CountsCommands {
        var orders: [CaptureMode]
        var scripts: [BankScript]
        /// Which messages are delivered before the bank is asked.
        var isAskedFirst: [Bool]

        var commandCount: Int {
            orders.count + scripts.reduce(0) { $0 + $1.copies.prefix(1).reduce(1, +) }
        }
    }

    private static var bankAndLogAgree: OrderProperty {
        let one = combine(
            Generator<CaptureMode>.always(.automatic),
            Generator<BankScript>.bankScript(attempts: 1),
            Generator<Bool>.bool)
        let cases = one.array(count: 1...3).map { orders in
            BankRun(
                orders: orders.map(\.0), scripts: orders.map(\.1), isAskedFirst: orders.map(\.2))
        }
        let sentence = "given any bank, then one key takes money and log and bank name the same sum"
        return OrderProperty(
            "P-13",
            Property("P-13 \(sentence)", cases) { run in
                var shop = ShopRun()
                for (index, script) in run.scripts.enumerated() {
                    try settle(script, asking: run.isAskedFirst[index], in: &shop)
                }
            })
    }

    private static func settle(
        _ script: BankScript, asking isAskedFirst: Bool, in shop: inout ShopRun
    ) throws {
        guard shop.apply(ShopRun.order("POST", 1, .automatic)), let order = shop.lastOrder else {
            throw Discard(reason: "not placed")
        }
        var bank = ScriptDouble(script: script)
        for _ in 0..<6 {
            let waiting = shop.state.order(order.orderID)?.pendingIntents ?? []
            guard case .charge(let charge)? = waiting.first?.kind else { break }
            if waiting[0].isUnknown {
                if !isAskedFirst, bank.deliver(order, to: &shop) { continue }
                var answer = bank.answer(about: charge)
                // Never heard of and still wanted: the call is made again under its key.
                if answer == .neverReceived { answer = bank.charge(charge) }
                shop.answer(order, answer)
            } else {
                let answer = bank.charge(charge)
                // Given up while the answer was on its way: what was taken must come to light.
                if script.isReordered {
                    shop.apply(.cancelOrder(CancelOrder(order: order.orderID, reason: "too slow")))
                }
                shop.answer(order, answer)
            }
        }
        _ = bank.deliver(order, to: &shop)
        let account = shop.state.order(order.orderID)?.payment
        try require(bank.takings.count <= 1, "money was taken under \(bank.takings.keys.sorted())")
        try requireEqual(
            account?.receivedMinor ?? 0, bank.takings.values.reduce(0, +), "log and bank differ")
        let isPaid = shop.state.order(order.orderID)?.isPaid == true
        try require(
            script.isReordered || isPaid == !bank.takings.isEmpty,
            "paid: \(isPaid), \(bank.takings)")
        let receipts = shop.facts.count { fact in
            if case .paymentCaptured(let event) = fact.event {
                event.orderID == order.orderID
            } else {
                false
            }
        }
        try require(receipts <= 1, "the money is recorded \(receipts) times")
    }

    /// A bank that keeps to a script and to the keys that it is given.
    private struct ScriptDouble {
        var script: BankScript
        /// What was taken, by key.
        var takings: [String: Int64] = [:]
        private var refused: Set<String> = []
        private var told: (kind: GatewayEventKind, amount: Money)?

        init(script: BankScript) {
            self.script = script
        }

        mutating func charge(_ charge: ChargeIntent) -> PaymentOutcome {
            let captured = PaymentOutcome.captured(
                reference: ShopCommands.bankName(of: charge.orderID), amount: charge.amount)
            let declined = PaymentOutcome.declined(code: "no", reason: "no")
            let answer = script.answer(to: 0)
            switch answer {
            case .captured, .unknownThenCaptured:
                takings[charge.gatewayKey] = charge.amount.minor
                told = (.captured, charge.amount)
            case .declined, .unknownThenDeclined:
                refused.insert(charge.gatewayKey)
                told = (.declined, charge.amount)
            }
            switch answer {
            case .captured: return captured
            case .declined: return declined
            case .unknownThenCaptured, .unknownThenDeclined: return .unknown(cause: "time-out")
            }
        }

        func answer(about charge: ChargeIntent) -> PaymentOutcome {
            if takings[charge.gatewayKey] != nil {
                return .captured(
                    reference: ShopCommands.bankName(of: charge.orderID), amount: charge.amount)
            }
            return refused.contains(charge.gatewayKey)
                ? .declined(code: "no", reason: "no") : .neverReceived
        }

        /// Delivers the message about what happened, as often as the script says, each copy as a
        /// message of its own.
        mutating func deliver(_ order: OrderPlaced, to shop: inout ShopRun) -> Bool {
            guard let (kind, amount) = told else { return false }
            told = nil
            for copy in 0..<(script.copies.first ?? 1) {
                shop.apply(
                    ShopCommands.message(
                        kind, of: order.orderID, id: "evt-\(order.orderID)-\(copy)", isOurKey: true,
                        amount: amount))
            }
            return true
        }
    }
}
