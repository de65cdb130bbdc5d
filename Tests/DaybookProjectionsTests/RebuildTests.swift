import DaybookCore
import DaybookDecisions
import DaybookProjections
import GRDB
import Testing

@Suite struct `Rebuild` {
    private let history = HistoryGenerator.history(seed: TestSeed.value, steps: 200)

    @Test(arguments: ReadModelName.allCases, [1, 3, 64, 1_000])
    func
        `P-31 G-22 given a history, when rebuilt, then digests and rows equal the incremental ones`(
            name: ReadModelName, runSize: Int
        ) throws
    {
        let folder = TestFolder()
        let path = try name.project(history, into: folder, runSize: 1)
        let live = try ReadModelFile.open(name, at: path)
        let expected = try live.digests()
        let rows = try live.everything()
        try live.close()

        let rebuild = try ReadModelRebuild(of: name, at: path, logID: History.logID)
        var first = 0
        while first < history.batches.count {
            let next = min(first + runSize, history.batches.count)
            try rebuild.feed(
                Array(history.batches[first..<next]),
                checkpoint: history.checkpoint(afterBatches: next))
            first = next
        }
        #expect(rebuild.checkpoint == history.end)
        let digests = try rebuild.finish()
        #expect(digests == expected, "\(TestSeed.note)")
        #expect(digests.contains { $0.rowCount > 0 })
        let old = try rebuild.publish()

        #expect(old == folder.file("\(name).1.sqlite"))
        #expect(
            ReadModelFile.inspect(name, at: path, against: history.log) == .ready(history.end))
        let rebuilt = try ReadModelFile.open(name, at: path)
        #expect(try rebuilt.everything() == rows)
        try rebuilt.close()
        #expect(folder.fileNames == ["\(name).1.sqlite", "\(name).2.sqlite", name.fileName])
    }

    @Test(arguments: [0, 2, 1_000], [1, 3, 1_000])
    func `given more orders than a rebuild remembers, when rebuilt, then the rows are the same`(
        orders: Int, purchases: Int
    ) throws {
        let folder = TestFolder()
        let live = try ReadModelFile.open(
            .orders, at: ReadModelName.orders.project(history, into: folder))
        defer { try? live.close() }
        let path = folder.file("new.sqlite")
        let file = try ReadModelFile.create(.orders, at: path, logID: History.logID, mode: .rebuild)
        let projector = try OrdersProjector(
            file: file, limits: RebuildLimits(orders: orders, purchases: purchases))
        for first in stride(from: 0, to: history.batches.count, by: 7) {
            let next = min(first + 7, history.batches.count)
            try projector.project(
                Array(history.batches[first..<next]),
                checkpoint: history.checkpoint(afterBatches: next))
        }
        // What is remembered has a limit: beyond it orders are found by their index.
        let indexes = try file.withDatabase {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'index'")
        }
        #expect(indexes.contains("orders_by_id") == (orders < 1_000))
        try projector.flush()
        try file.completeIndexes()
        #expect(try file.digests() == live.digests(), "\(TestSeed.note)")
        #expect(try file.everything() == live.everything(), "\(TestSeed.note)")
        try projector.close()
    }

    @Test(arguments: ReadModelName.allCases)
    func `given a swapped file, when more happens, then it is projected live`(
        name: ReadModelName
    ) throws {
        let folder = TestFolder()
        let path = folder.file(name.fileName)
        let half = history.batches.count / 2
        let rebuild = try ReadModelRebuild(of: name, at: path, logID: History.logID)
        try rebuild.feed(
            Array(history.batches[..<half]), checkpoint: history.checkpoint(afterBatches: half))
        _ = try rebuild.finish()
        try rebuild.publish()
        let file = try ReadModelFile.open(name, at: path)
        let projector = try name.makeProjector(file: file)
        try projector.deliver(history, runSize: 5)
        let digests = try file.digests()
        try projector.close()

        let other = TestFolder()
        let straight = try ReadModelFile.open(name, at: name.project(history, into: other))
        #expect(try straight.digests() == digests, "\(TestSeed.note)")
        try straight.close()
    }

    @Test func `given a rebuild, when published, then the old file is kept until it is removed`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.users.project(history, into: folder)
        let rebuild = try ReadModelRebuild(of: .users, at: path, logID: History.logID)
        _ = try rebuild.finish()
        let old = try #require(try rebuild.publish())
        let place = ReadModelPlace(path)
        #expect(try place.earlier().map(\.path) == [old])
        #expect(
            ReadModelFile.inspect(.users, at: old, against: history.log) == .ready(history.end))
        try place.remove(earlier: old)
        #expect(folder.fileNames == ["users.2.sqlite", "users.sqlite"])
    }

    @Test
    func `given a projector at work, when a rebuild is published, then nothing is lost`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let live = try ReadModelFile.open(.orders, at: path)
        let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: History.logID)
        try rebuild.feed(history.batches, checkpoint: history.end)
        _ = try rebuild.finish()
        #expect(!live.wasExchanged)
        try rebuild.publish()
        #expect(live.wasExchanged)
        // Closing the old file must not touch the new one's write-ahead log.
        let other = try ReadModelFile.open(.orders, at: path)
        try live.close()
        try other.run("UPDATE projection SET stopped_position = 7, stopped_reason = 'kept'")
        try other.close()
        let again = try ReadModelFile.open(.orders, at: path)
        #expect(again.stop?.reason == "kept")
        try again.close()
    }

    @Test
    func `given two projectors on one file, when both go on, then the slower is told`()
        throws
    {
        let folder = TestFolder()
        let half = history.batches.count / 2
        let path = folder.file("inventory.sqlite")
        try ReadModelFile.create(.inventory, at: path, logID: History.logID).close()
        let first = try InventoryProjector(file: ReadModelFile.open(.inventory, at: path))
        let second = try InventoryProjector(file: ReadModelFile.open(.inventory, at: path))
        let run = Array(history.batches[..<half])
        try first.project(run, checkpoint: history.checkpoint(afterBatches: half))
        let error = #expect(throws: ReadModelError.self) {
            try second.project(history.batches, checkpoint: history.end)
        }
        #expect(error?.code == .outpaced)
        #expect(second.file.checkpoint.batchNumber == 0)
        try second.close()
        try first.project(history.batches, checkpoint: history.end)
        let digests = try first.file.digests()
        try first.close()
        let straight = TestFolder()
        let file = try ReadModelFile.open(
            .inventory, at: ReadModelName.inventory.project(history, into: straight))
        #expect(try file.digests() == digests, "\(TestSeed.note)")
        try file.close()
    }

    @Test func `given a rebuild, when cancelled, then the live file is untouched`() throws {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let bytes = RawFile.bytes(of: path)
        let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: History.logID)
        try rebuild.feed(history.batches, checkpoint: history.end)
        try rebuild.cancel()
        #expect(folder.fileNames == ["orders.sqlite"])
        #expect(RawFile.bytes(of: path) == bytes)
    }

    @Test
    func `given one row changed by hand, when compared, then exactly that table's digest differs`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let file = try ReadModelFile.open(.orders, at: path)
        let before = try file.digests()
        try file.run("UPDATE stored_orders SET attempt = attempt + 1 WHERE order_number = 1")
        let after = try file.digests()
        try file.close()
        let differing = zip(before, after).filter { $0 != $1 }.map(\.0.table)
        #expect(differing == ["stored_orders"])
        #expect(before.combined != after.combined)
    }

    @Test func `given recorded digests, when read, then they stand with their position`() throws {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: History.logID)
        try rebuild.feed(history.batches, checkpoint: history.end)
        let digests = try rebuild.finish()
        try rebuild.publish()
        let file = try ReadModelFile.open(.orders, at: path)
        try file.withDatabase { database in
            let row = try RowStatement(
                database, "SELECT digest, digest_position, position FROM projection")
            #expect(try row.step())
            #expect(row.bytes(0) == digests.combined.bytes)
            #expect(row.integer(1) == row.integer(2))
            row.reset()
        }
        try file.close()
    }

    /// Positions and times are those of the log, so two different orders of the same facts differ in
    /// them only.
    @Test
    func
        `P-35 given facts of other orders swapped, when projected, then only positions and times differ`()
        throws
    {
        let first: [Event] = [.placed(1, [Want(Cast.book, 1)]), .paymentRequested(1, 999)]
        let second: [Event] = [
            .placed(2, by: Cast.bob, [Want(Cast.lamp, 2)]), .paymentRequested(2, 1_998),
        ]
        var one = History()
        var two = History()
        for events in [first, second, [.captured(1, 999)], [.declined(2)]] { one.record(events) }
        for events in [second, first, [.declined(2)], [.captured(1, 999)]] { two.record(events) }
        for (table, columns) in [
            (
                "orders",
                "order_number order_id user_id status payment_state captured_minor unit_count"
            ),
            ("order_lines", "order_number line_number sku quantity net_minor"),
            ("payments", "payment_id state captured_minor failure_code"),
            ("user_products", "user_id sku times_ordered order_count ordered_units"),
        ] {
            #expect(
                try ReadModelName.orders.rows(table, columns, after: one)
                    == ReadModelName.orders.rows(table, columns, after: two))
        }
    }
}
