import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Overlapping imports` {
    private let rows = [
        HistoryText.row("1", "85123A", 3), HistoryText.row("2", "71053", 2),
        HistoryText.row("3", "85123A", 4), HistoryText.row("C4", "85123A", -1),
    ]
    private let newRows = [
        HistoryText.row("5", "85123A", 3), HistoryText.row("6", "22752", 5),
        HistoryText.row("C7", "71053", -1),
    ]

    /// - Parameter dying: batches after which the program is killed.
    @discardableResult
    private func run(
        _ history: OrderHistory, into daybook: MemoryDaybook, _ scratch: Scratch,
        dying: Int? = nil
    ) async throws -> ImportReport {
        daybook.batchesToLive = dying
        defer { daybook.batchesToLive = nil }
        var importer = OrderHistoryImporter(
            history, forecast: ImportForecast(history), currency: Currency(rawValue: "GBP")!,
            into: daybook,
            marker: try ImportMarker(
                directory: "\(scratch.path)/import", contentName: history.contentName),
            rejects: RejectCollector(history, source: nil, file: nil))
        return try await importer.run()
    }

    @Test func `given the whole file, when its first half is imported, then nothing is recorded`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        try await run(HistoryText.history(rows + newRows), into: daybook, scratch)
        let log = daybook.log
        let report = try await run(HistoryText.history(rows), into: daybook, scratch)
        #expect(daybook.log == log)
        #expect(report.figures.openingUnits == 0)
        #expect(report.figures.orders == 3)
        #expect(report.findings == [])
        #expect(report.rejects == [])
    }

    @Test func `given a file, when it comes with new rows, then only they get opening stock`()
        async throws
    {
        let scratch = try Scratch()
        let daybook = MemoryDaybook()
        try await run(HistoryText.history(rows), into: daybook, scratch)
        let longer = try HistoryText.history(rows + newRows)
        let batchCount = daybook.keyLog.count
        let report = try await run(longer, into: daybook, scratch)
        // The return left one unit of 85123A: two of the three that are sold are missing.
        #expect(
            daybook.keyLog[batchCount...].prefix(4) == [
                "AddProduct product:22752", "ReceiveStock stock:\(longer.contentName):85123A",
                "ReceiveStock stock:\(longer.contentName):22752", "CreateOrder 5-6",
            ])
        #expect(report.figures.openingUnits == 7)
        #expect(report.figures.finalUnits == 1)
        #expect(report.figures.rejects == 0)
        #expect(report.findings == [])
        let log = daybook.log
        let again = try await run(longer, into: daybook, scratch)
        #expect(daybook.log == log)
        #expect(again.figures == report.figures)
        #expect(again.findings == [])
    }

    @Test
    func `given a longer file killed after every batch, when resumed, then the log is of one run`()
        async throws
    {
        let shorter = try HistoryText.history(rows)
        let longer = try HistoryText.history(rows + newRows)
        let whole = try Scratch()
        let undisturbed = MemoryDaybook()
        try await run(shorter, into: undisturbed, whole)
        let before = undisturbed.log.count
        let report = try await run(longer, into: undisturbed, whole)
        let added = undisturbed.log.count - before
        #expect(added > 8)
        for dying in 0..<added {
            let scratch = try Scratch()
            let daybook = MemoryDaybook()
            try await run(shorter, into: daybook, scratch)
            await #expect(throws: MemoryDaybook.Killed.self) {
                try await run(longer, into: daybook, scratch, dying: dying)
            }
            let resumed = try await run(longer, into: daybook, scratch)
            #expect(daybook.log == undisturbed.log, "killed after batch \(dying)")
            #expect(resumed.figures == report.figures, "killed after batch \(dying)")
            #expect(resumed.findings == [], "killed after batch \(dying)")
        }
    }
}
