import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Redelivery` {
    private let history = HistoryGenerator.history(seed: TestSeed.value, steps: 120)

    @Test(arguments: ReadModelName.allCases)
    func
        `P-32 given a projected history, when delivered again, then no row and no checkpoint changes`(
            name: ReadModelName
        ) throws
    {
        let folder = TestFolder()
        let file = try ReadModelFile.create(
            name, at: folder.file(name.fileName), logID: History.logID)
        let projector = try name.makeProjector(file: file)
        try projector.deliver(history)
        let rows = try file.everything()
        try projector.deliver(history, runSize: 7)
        try projector.project(Array(history.batches.suffix(3)), checkpoint: history.end)
        #expect(try file.everything() == rows, "\(TestSeed.note)")
        #expect(file.checkpoint == history.end)
        try projector.close()
    }

    @Test(arguments: ReadModelName.allCases)
    func `P-32 given half a history, when all of it is delivered, then only the rest is applied`(
        name: ReadModelName
    ) throws {
        let folder = TestFolder()
        let whole = try digests(of: name, in: folder, "whole", [history.batches.count])
        let overlapping = try digests(
            of: name, in: folder, "overlapping",
            [history.batches.count / 2, history.batches.count], overlap: true)
        #expect(overlapping == whole, "\(TestSeed.note)")
    }

    @Test(arguments: ReadModelName.allCases)
    func `P-33 given a stop at any batch, when resumed, then the tables are as if never stopped`(
        name: ReadModelName
    ) throws {
        let folder = TestFolder()
        let short = HistoryGenerator.history(seed: TestSeed.value &+ 1, steps: 40)
        let expected = try rows(of: name, in: folder, "expected", short, stoppingAfter: nil)
        for stop in 0...short.batches.count {
            let resumed = try rows(of: name, in: folder, "stop-\(stop)", short, stoppingAfter: stop)
            #expect(resumed == expected, "stopped after batch \(stop); \(TestSeed.note)")
        }
    }

    @Test func `P-32 given a failing transaction, when given again, then it is applied once`()
        throws
    {
        let folder = TestFolder()
        let file = try ReadModelFile.create(
            .orders, at: folder.file("orders.sqlite"), logID: History.logID)
        let projector = try OrdersProjector(file: file)
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.started(1))
        // A table that cannot be written to stands for any failure: rows before it roll back.
        try file.run(
            """
            CREATE TRIGGER full BEFORE INSERT ON user_orders BEGIN SELECT raise(ABORT, 'no'); END
            """)
        #expect(throws: ReadModelError.self) { try projector.deliver(history) }
        #expect(try file.text(of: "orders", columns: "order_number") == "order_number")
        #expect(file.checkpoint == .start(of: History.logID))
        try file.run("DROP TRIGGER full")
        try projector.deliver(history)
        #expect(try file.text(of: "orders", columns: "status") == "status\nprocessing")
        #expect(try file.text(of: "user_products", columns: "times_ordered") == "times_ordered\n1")
        try projector.close()
    }

    @Test func `given a run with a hole, when delivered, then it is refused`() throws {
        let folder = TestFolder()
        let file = try ReadModelFile.create(
            .orders, at: folder.file("orders.sqlite"), logID: History.logID)
        let projector = try OrdersProjector(file: file)
        let error = #expect(throws: ReadModelError.self) {
            try projector.project(Array(history.batches[1...2]), checkpoint: history.end)
        }
        #expect(error?.message == "batch 1 is missing before batch 2")
        let other = #expect(throws: ReadModelError.self) {
            try projector.project(
                Array(history.batches[0...2]), checkpoint: history.checkpoint(afterBatches: 2))
        }
        #expect(other?.message == "the run ends at batch 3, not 2")
        try projector.close()
    }

    // MARK: Private

    private func digests(
        of name: ReadModelName, in folder: TestFolder, _ label: String, _ ends: [Int],
        overlap: Bool = false
    ) throws -> [TableDigest] {
        let file = try ReadModelFile.create(name, at: folder.file(label), logID: History.logID)
        let projector = try name.makeProjector(file: file)
        for end in ends {
            try projector.project(
                Array(history.batches[..<end]), checkpoint: history.checkpoint(afterBatches: end))
        }
        defer { try? projector.close() }
        return try file.digests()
    }

    private func rows(
        of name: ReadModelName, in folder: TestFolder, _ label: String, _ history: History,
        stoppingAfter stop: Int?
    ) throws -> [String] {
        let path = folder.file(label)
        var file = try ReadModelFile.create(name, at: path, logID: History.logID)
        var projector = try name.makeProjector(file: file)
        if let stop {
            if stop > 0 {
                try projector.project(
                    Array(history.batches[..<stop]),
                    checkpoint: history.checkpoint(afterBatches: stop))
            }
            try projector.close()
            file = try ReadModelFile.open(name, at: path)
            projector = try name.makeProjector(file: file)
            #expect(file.checkpoint == history.checkpoint(afterBatches: stop))
        }
        try projector.deliver(history)
        defer { try? projector.close() }
        return try file.everything()
    }
}
