import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Order history importer` {
    private let currency = Currency(rawValue: "GBP")!

    private func importer(
        _ history: OrderHistory, into daybook: MemoryDaybook, _ scratch: Scratch,
        source: ImportSource? = nil, isStopRequested: @escaping () -> Bool = { false }
    ) throws -> OrderHistoryImporter<MemoryDaybook> {
        let file = try source.map { _ in try RejectFile(path: "\(scratch.path)/rejects.csv") }
        return OrderHistoryImporter(
            history, forecast: ImportForecast(history), currency: currency, into: daybook,
            marker: try ImportMarker(
                directory: "\(scratch.path)/import", contentName: history.contentName),
            rejects: RejectCollector(history, source: source, file: file),
            // The importer keeps its directory alive.
            isStopRequested: { withExtendedLifetime(scratch, isStopRequested) })
    }

    @Test func `given the sample, when imported, then the log holds the reference's figures`()
        async throws
    {
        let scratch = try Scratch()
        let source = try Sample.source()
        let daybook = MemoryDaybook()
        var importer = try importer(Sample.history(source), into: daybook, scratch, source: source)
        let report = try await importer.run()
        #expect(report.figures == Sample.figures)
        #expect(report.findings == [])
        #expect(report.isComplete)
        #expect(report.repeatedRequests == 0)
        #expect(
            try scratch.text("rejects.csv") == """
                row,reason,code,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,\
                CustomerID,Country
                143,a return of units that this customer never bought before,nothing_to_return,\
                C536379,D,Discount,-1,2010-12-01T09:41:00,27.5,14527,United Kingdom
                156,a return of units that this customer never bought before,nothing_to_return,\
                C536383,35004C,SET OF 3 COLOURED  FLYING DUCKS,-1,2010-12-01T09:49:00,4.65,15311,\
                United Kingdom

                """)
    }

    @Test func `given several waves, when the end is near, then read models come up without rests`()
        async throws
    {
        let history = try HistoryText.history(
            (0..<600).map { HistoryText.row("\($0)", "85123A", 1) })
        let daybook = MemoryDaybook()
        var importer = try importer(history, into: daybook, Scratch())
        let report = try await importer.run()
        #expect(report.isComplete)
        #expect(daybook.reactorRuns == 4)
        // The third of the waves of 256 reaches beyond seven eighths.
        #expect(daybook.hurries == [3])
    }

    @Test func `given the sample, when planned without a daybook, then the forecast is the same`()
        throws
    {
        #expect(ImportForecast(try Sample.history(Sample.source())).figures == Sample.figures)
    }

    @Test func `given an import, when it runs again, then nothing is recorded`() async throws {
        let scratch = try Scratch()
        let source = try Sample.source()
        let history = try Sample.history(source)
        let daybook = MemoryDaybook()
        var first = try importer(history, into: daybook, scratch, source: source)
        _ = try await first.run()
        let log = daybook.log
        let rejects = try scratch.text("rejects.csv")
        let reactorRuns = daybook.reactorRuns
        var second = try importer(history, into: daybook, scratch, source: source)
        let report = try await second.run()
        #expect(daybook.log == log)
        #expect(daybook.reactorRuns == reactorRuns)
        #expect(report.figures == Sample.figures)
        #expect(report.findings == [])
        #expect(report.repeatedRequests > 300)
        #expect(try scratch.text("rejects.csv") == rejects)
    }

    @Test func `given a kill after every batch, when resumed, then the log is that of one run`()
        async throws
    {
        let history = try Sample.history(Sample.source())
        let undisturbed = MemoryDaybook()
        var whole = try importer(history, into: undisturbed, Scratch())
        _ = try await whole.run()
        let batchCount = undisturbed.log.count
        for dying in stride(from: 1, to: batchCount, by: 11) {
            let scratch = try Scratch()
            let daybook = MemoryDaybook()
            daybook.batchesToLive = dying
            var killed = try importer(history, into: daybook, scratch)
            await #expect(throws: MemoryDaybook.Killed.self) { try await killed.run() }
            #expect(daybook.log.count == dying)
            daybook.batchesToLive = nil
            var resumed = try importer(history, into: daybook, scratch)
            let report = try await resumed.run()
            #expect(daybook.log == undisturbed.log, "killed after batch \(dying)")
            #expect(report.figures == Sample.figures, "killed after batch \(dying)")
        }
    }

    @Test func `given a stop request, when resumed, then the log is that of one run`() async throws
    {
        let history = try Sample.history(Sample.source())
        let undisturbed = MemoryDaybook()
        var whole = try importer(history, into: undisturbed, Scratch())
        _ = try await whole.run()
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        var isComplete = false
        var starts = 0
        while !isComplete {
            starts += 1
            var questions = 0
            // Stops after five steps more than the time before.
            var next = try importer(history, into: daybook, scratch) {
                questions += 1
                return questions > 3 + starts
            }
            isComplete = try await next.run().isComplete
        }
        #expect(starts > 3)
        #expect(daybook.log == undisturbed.log)
    }

    @Test func `given an import's batches, when counted in two parts, then the sum is the same`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        var importer = try importer(
            Sample.history(Sample.source()), into: daybook, scratch)
        _ = try await importer.run()
        let scope = importer.scope
        let whole = daybook.count(scope, in: 0..<daybook.batchCount)
        #expect(whole.refundedPence > 0 && whole.openRefunds == 0)
        var hasOpenRefund = false
        for middle in 0...daybook.batchCount {
            var count = daybook.count(scope, in: 0..<middle)
            hasOpenRefund = hasOpenRefund || count.openRefunds > 0
            count.add(daybook.count(scope, in: middle..<daybook.batchCount))
            for (sum, all) in zip(count.named, whole.named) {
                #expect(sum == all, "behind batch \(middle)")
            }
        }
        // Else no part would have ended between a refund and the bank's answer.
        #expect(hasOpenRefund)
    }

    @Test func `given a refused order, when imported, then its rows and its returns are rejects`()
        async throws
    {
        let rows = [
            HistoryText.row("1", "85123A", 3), HistoryText.row("2", "85123A", 2),
            HistoryText.row("2", "POST", 1, "5.00"), "malformed",
            HistoryText.row("C3", "85123A", -4), HistoryText.row("C4", "85123A", -3),
        ]
        let scratch = try Scratch()
        let history = try HistoryText.history(rows)
        let daybook = MemoryDaybook()
        daybook.refusedKeys = ["2-3"]
        var importer = try importer(history, into: daybook, scratch)
        let report = try await importer.run()
        #expect(
            report.rejects == [
                .init(code: "forbidden", reason: "no: forbidden", count: 2),
                .init(
                    code: "malformed_row", reason: "1 fields instead of 8", count: 1),
                .init(
                    code: "over_return",
                    reason: "a return of more units than this customer has not yet returned",
                    count: 1),
            ])
        #expect(report.figures.orders == 1)
        #expect(report.figures.returnedUnits == 3)
        #expect(report.figures.refundedPence == 300)
        #expect(report.figures.isBalanced)
        #expect(report.findings == [])
    }

    @Test
    func `given a second history, when imported behind the first, then the accounts are shared`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        let first = try HistoryText.history([HistoryText.row("1", "85123A", 3)])
        let second = try HistoryText.history([
            HistoryText.row("7", "85123A", 5), HistoryText.row("8", "71053", 1, customer: "2"),
        ])
        var importer = try importer(first, into: daybook, scratch)
        _ = try await importer.run()
        importer = try self.importer(second, into: daybook, scratch)
        let report = try await importer.run()
        #expect(report.findings == [])
        #expect(report.figures.users == 2)
        #expect(report.figures.products == 2)
        #expect(report.figures.openingUnits == 6)
        #expect(report.figures.orders == 2)
    }

    @Test func `given one invoice with corrections, when imported, then it is one transaction`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3),
            HistoryText.row("1", "71053", -2, "0.0", customer: ""),
            HistoryText.row("2", "85123A", 1), HistoryText.row("C3", "85123A", -1),
            HistoryText.row("4", "71053", 9, "0.0", customer: ""),
        ])
        var importer = try importer(history, into: daybook, scratch)
        _ = try await importer.run()
        #expect(
            daybook.keyLog == [
                "AddProduct product:85123A", "AddProduct product:71053",
                "ReceiveStock stock:\(history.contentName):85123A",
                "ReceiveStock stock:\(history.contentName):71053",
                "RegisterUser user:17850", "RegisterUser user:walk-in",
                "VerifyEmail verify:17850", "VerifyEmail verify:walk-in",
                "Transaction 1-2", "CreateOrder 2-4",
                "RecordPaymentOutcome -", "RecordPaymentOutcome -",
                "ShipOrder 1-2", "ShipOrder 2-4",
                "Transaction C3-5", "AdjustStock 4-6",
                "RecordPaymentOutcome -",
            ])
    }

    @Test
    func `given products that are there already, when imported, then only a difference is found`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        let time = Instant(microseconds: 0)
        let price = Money(minor: 1, currency: currency)
        for (sku, isStocked) in [("85123A", true), ("POST", true)] {
            _ = try await daybook.record([
                ImportRequest(
                    commands: [
                        .addProduct(
                            AddProduct(
                                sku: sku, productName: sku, price: price, stocked: isStocked))
                    ],
                    key: "by hand \(sku)", time: time)
            ])
        }
        _ = try await daybook.record([
            ImportRequest(
                commands: [
                    .registerUser(
                        RegisterUser(email: "customer-17850@import.invalid", password: nil))
                ],
                key: "by hand", time: time)
        ])
        let history = try HistoryText.history(
            [
                HistoryText.row("1", "85123A", 3), HistoryText.row("1", "71053", 1),
                HistoryText.row("2", "85123A", 2),
            ] + [HistoryText.row("2", "POST", 1, "5.00")])
        var importer = try importer(history, into: daybook, scratch)
        let report = try await importer.run()
        #expect(
            report.findings.first
                == ImportFinding(
                    code: "product_differs",
                    message: "product POST is there and is stocked; by its code it should not be"))
        #expect(report.figures.users == 1)
        #expect(report.figures.products == 3)
    }
}

extension ImportCount {
    fileprivate var named: [String] {
        Mirror(reflecting: self).children.compactMap { name, value in
            name.flatMap { ["scope", "answers"].contains($0) ? nil : "\($0): \(value)" }
        }
    }
}
