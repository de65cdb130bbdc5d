import Testing

@testable import daybook

@Suite struct `Invoice planner` {
    /// What was taken for the last row: invoice number, line number, units.
    private func taken(_ history: OrderHistory) -> [String] {
        history.plans().last?.returns.last?.lots.map { lot in
            "\(history.invoices[lot.invoice].number)/\(lot.lineNumber): \(lot.quantity)"
        } ?? []
    }

    @Test func `given two orders of a code, when units come back, then the latest is taken first`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 5), HistoryText.row("2", "85123A", 5),
            HistoryText.row("C3", "85123A", -4),
        ])
        #expect(taken(history) == ["2/1: 4"])
    }

    @Test
    func `given a code on two lines, when units come back, then the last line is taken first`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("1", "71053", 1),
            HistoryText.row("1", "85123A", 2), HistoryText.row("C2", "85123A", -4),
        ])
        #expect(taken(history) == ["1/3: 2", "1/1: 2"])
    }

    @Test
    func `given too few units in one order, when they come back, then earlier orders give more`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 10), HistoryText.row("2", "85123A", 1),
            HistoryText.row("3", "85123A", 2), HistoryText.row("C4", "85123A", -5),
        ])
        #expect(taken(history) == ["3/1: 2", "2/1: 1", "1/1: 2"])
    }

    @Test func `given units returned before, when more come back, then only the rest is there`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("C2", "85123A", -2),
            HistoryText.row("C3", "85123A", -2), HistoryText.row("C4", "85123A", -1),
        ])
        #expect(
            history.plans().map { $0.rejects.map(\.reason) }
                == [[], [], [.notEnoughUnits], []])
        #expect(taken(history) == ["1/1: 1"])
    }

    @Test func `given another customer's units or another code, when returned, then it is refused`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3, customer: "1"),
            HistoryText.row("C2", "85123A", -1, customer: "2"),
            HistoryText.row("C3", "85123a", -1, customer: "1"),
            HistoryText.row("C4", "85123A", -1, customer: ""),
        ])
        #expect(
            history.plans().map { $0.rejects.map(\.reason) }
                == [[], [.nothingBought], [.nothingBought], [.nothingBought]])
    }

    @Test func `given a walk-in sale, when it comes back without a number, then it is matched`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3, customer: ""),
            HistoryText.row("C2", "85123A", -1, customer: ""),
        ])
        #expect(taken(history) == ["1/1: 1"])
    }

    @Test func `given a return before the sale, when planned, then it is refused`() throws {
        let history = try HistoryText.history([
            HistoryText.row("C1", "85123A", -1), HistoryText.row("2", "85123A", 3),
        ])
        #expect(history.plans().map { $0.rejects.map(\.reason) } == [[.nothingBought], []])
    }

    @Test
    func `given rows without price, when planned, then the customer tells gift from correction`()
        throws
    {
        let plans = try HistoryText.history([
            HistoryText.row("1", "85123A", 3, "0.0"),
            HistoryText.row("1", "85123A", -4, "0.0", customer: "", description: "damaged"),
            HistoryText.row("1", "85123A", 0, "0.0", customer: ""),
            HistoryText.row("1", "POST", 1, "0.0", customer: ""),
            HistoryText.row("1", "85123A", -4, "0.0"),
            HistoryText.row("1", "85123A", 2_000_000_000, "0.0", customer: ""),
        ]).plans()
        #expect(plans[0].lines.map(\.unitPriceMinor) == [0])
        #expect(plans[0].adjustments.map(\.delta) == [-4])
        #expect(
            plans[0].rejects.map(\.reason) == [
                .adjustmentOfZero, .adjustmentWithoutStock, .quantityBelowOne, .adjustmentTooLarge,
            ])
    }

    @Test func `given a correction inside a credit note, when planned, then it is a correction`()
        throws
    {
        let plans = try HistoryText.history([
            HistoryText.row("C1", "85123A", 7, "0.0", customer: ""),
            HistoryText.row("C1", "85123A", 7, "1.0"),
        ]).plans()
        #expect(plans[0].adjustments.map(\.delta) == [7])
        #expect(plans[0].rejects.map(\.reason) == [.creditNotNegative])
    }

    @Test func `given a free line, when it comes back, then nothing is refunded`() throws {
        let plans = try HistoryText.history([
            HistoryText.row("1", "85123A", 3, "0.0"), HistoryText.row("C2", "85123A", -3, "4.25"),
        ]).plans()
        #expect(plans[1].orderReturns.map(\.refundMinor) == [0])
        #expect(plans[1].orderReturns.map { $0.lines.map(\.quantity) } == [[3]])
    }

    @Test
    func `given a credit note over two orders, when planned, then refunds are at the prices paid`()
        throws
    {
        let plans = try HistoryText.history([
            HistoryText.row("1", "85123A", 3, "2.55"), HistoryText.row("1", "71053", 1, "9.00"),
            HistoryText.row("2", "85123A", 2, "2.10"), HistoryText.row("C3", "85123A", -3, "7.77"),
            HistoryText.row("C3", "71053", -1, "7.77"), HistoryText.row("C3", "85123A", -1, "7.77"),
        ]).plans()
        #expect(
            plans[2].orderReturns == [
                InvoicePlan.OrderReturn(
                    invoice: 1, lines: [.init(lineNumber: 1, quantity: 2)], refundMinor: 420),
                InvoicePlan.OrderReturn(
                    invoice: 0,
                    lines: [.init(lineNumber: 1, quantity: 2), .init(lineNumber: 2, quantity: 1)],
                    refundMinor: 1_410),
            ])
    }

    @Test func `given quantities at the limits, when planned, then only 1 to 100000 pass`() throws {
        let plans = try HistoryText.history([
            HistoryText.row("1", "85123A", 1), HistoryText.row("1", "85123A", 100_000),
            HistoryText.row("1", "85123A", 100_001), HistoryText.row("1", "85123A", 0),
            HistoryText.row("1", "85123A", -1),
        ]).plans()
        #expect(plans[0].lines.map(\.quantity) == [1, 100_000])
        #expect(
            plans[0].rejects.map(\.reason)
                == [.quantityTooLarge, .quantityBelowOne, .quantityBelowOne])
    }

    @Test
    func `given two customers on one invoice, when planned, then the first one has the order`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1, customer: "2"),
            HistoryText.row("1", "85123A", 1, customer: "1"),
        ])
        let plan = history.plans()[0]
        #expect(history.customers[Int(plan.customer)] == "2")
        #expect(plan.rejects.map(\.reason) == [.anotherCustomer])
    }

    @Test func `given a refused return, when it is undone, then its units can come back later`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("1", "85123A", 2),
            HistoryText.row("C2", "85123A", -4), HistoryText.row("C3", "85123A", -1),
            HistoryText.row("C4", "85123A", -4),
        ])
        var planner = InvoicePlanner(history)
        _ = planner.plan(0)
        let refused = planner.plan(1)
        #expect(planner.plan(2).returns.map { $0.lots.map(\.lineNumber) } == [[1]])
        planner.undo(refused)
        #expect(
            planner.plan(3).returns[0].lots.map { "\($0.lineNumber): \($0.quantity)" }
                == ["2: 2", "1: 2"])
    }

    @Test func `given a refused order, when it is undone, then nothing comes back from it`() throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("2", "85123A", 3),
            HistoryText.row("C3", "85123A", -4), HistoryText.row("C4", "85123A", -3),
        ])
        var planner = InvoicePlanner(history)
        _ = planner.plan(0)
        let refused = planner.plan(1)
        planner.undo(refused)
        #expect(planner.plan(2).rejects.map(\.reason) == [.notEnoughUnits])
        #expect(planner.plan(3).returns[0].lots.map(\.invoice) == [0])
    }
}
