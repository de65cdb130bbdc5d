import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

/// Source: LOG.md, faults 54 to 57.
@Suite struct `Read model condition` {
    private let history = HistoryGenerator.history(seed: TestSeed.value, steps: 60)

    private func condition(_ path: String, log: LogIdentity? = nil) -> ReadModelCondition {
        ReadModelFile.inspect(.orders, at: path, against: log ?? history.log)
    }

    @Test func `54 given a deleted file, when inspected, then it is missing`() {
        let folder = TestFolder()
        #expect(condition(folder.file("orders.sqlite")) == .missing)
    }

    @Test func `54 given a truncated file, when inspected at any length, then it is damaged`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let bytes = RawFile.bytes(of: path)
        #expect(bytes.count > 40_000)
        for length in [0, 1, 99, 100, 4_095, 4_096, 8_192, bytes.count / 2, bytes.count - 4_096] {
            RawFile.write(Array(bytes.prefix(length)), to: path)
            guard case .damaged = condition(path) else {
                Issue.record("\(length) bytes: \(condition(path))")
                continue
            }
        }
    }

    @Test
    func
        `54 given garbage bytes, when inspected, then it is damaged, and quarantine sets it aside`()
        throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        RawFile.write([UInt8](repeating: 0xA5, count: 10_000), to: path)
        guard case .damaged(let reason) = condition(path) else {
            Issue.record("\(condition(path))")
            return
        }
        #expect(reason.contains("file is not a database"))
        #expect(try ReadModelFile.quarantine(at: path) == path + ".damaged-1")
        RawFile.write([1], to: path)
        #expect(try ReadModelFile.quarantine(at: path) == path + ".damaged-2")
        #expect(folder.fileNames == ["orders.sqlite.damaged-1", "orders.sqlite.damaged-2"])
        #expect(condition(path) == .missing)
    }

    @Test func `54 given a page of noise in the middle, when inspected, then it is damaged`() throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let bytes = RawFile.bytes(of: path)
        var found = 0
        let pages = bytes.count / 4_096
        for page in 1..<pages {
            var noisy = bytes
            for offset in 0..<4_096 {
                noisy[page * 4_096 + offset] = UInt8(truncatingIfNeeded: offset &* 7)
            }
            RawFile.write(noisy, to: path)
            if case .damaged = condition(path) { found += 1 }
        }
        #expect(found == pages - 1)
    }

    @Test
    func `54 given any bit of the header flipped, when opened, then it is sound or found damaged`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.users.project(history, into: folder)
        let bytes = RawFile.bytes(of: path)
        var damagedCount = 0
        for bit in 0..<100 * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            RawFile.write(flipped, to: path)
            switch ReadModelFile.inspect(.users, at: path, against: history.log) {
            case .damaged: damagedCount += 1
            case .ready:
                do {
                    try ReadModelFile.open(.users, at: path).close()
                } catch let error as ReadModelError where error.code == .damaged {
                    damagedCount += 1
                }
            case let other: Issue.record("bit \(bit): \(other)")
            }
        }
        #expect(damagedCount > 16 * 8)
    }

    @Test func `54 given another schema hash, when inspected, then it is another schema`() throws {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let file = try ReadModelFile.open(.orders, at: path)
        try file.run("UPDATE projection SET schema_hash = x'00'")
        try file.close()
        guard case .otherSchema(let reason) = condition(path) else {
            Issue.record("\(condition(path))")
            return
        }
        #expect(reason == "schema hash 00, wanted \(ReadModelName.orders.schema.hash)")
        let error = #expect(throws: ReadModelError.self) {
            try ReadModelFile.open(.orders, at: path)
        }
        #expect(error?.code == .otherSchema)
    }

    @Test(arguments: [
        "DROP INDEX orders_by_time", "ALTER TABLE stored_orders ADD COLUMN extra TEXT",
        "CREATE TABLE surplus (a)", "DROP TABLE refunds",
    ])
    func `54 given other tables or indexes, when inspected, then it is another schema`(
        change: String
    ) throws {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let file = try ReadModelFile.open(.orders, at: path)
        try file.run(change)
        try file.close()
        guard case .otherSchema = condition(path) else {
            Issue.record("\(condition(path))")
            return
        }
    }

    @Test func `54 given the file of another model, when inspected, then it is another schema`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.users.project(history, into: folder)
        guard case .otherSchema = condition(path) else {
            Issue.record("\(condition(path))")
            return
        }
    }

    @Test func `55 given a model behind the log, when inspected, then it is ready at its position`()
        throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let file = try ReadModelFile.create(.orders, at: path, logID: History.logID)
        let projector = try OrdersProjector(file: file)
        try projector.project(
            Array(history.batches[..<5]), checkpoint: history.checkpoint(afterBatches: 5))
        try projector.close()
        #expect(condition(path) == .ready(history.checkpoint(afterBatches: 5)))
    }

    @Test func `55 given a new model, when inspected, then it is ready before the first event`()
        throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        try ReadModelFile.create(.orders, at: path, logID: History.logID).close()
        #expect(condition(path) == .ready(.start(of: History.logID)))
    }

    @Test func `56 given a model ahead of the log, when inspected, then it says by how much`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let head = history.checkpoint(afterBatches: 5).position
        let log = LogIdentity(logID: History.logID, head: head) { History.chain(at: $0) }
        #expect(condition(path, log: log) == .ahead(checkpoint: history.end, head: head))
    }

    @Test func `57 given a model of another log, when inspected, then it says of which`() throws {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let log = LogIdentity(
            logID: LogID(rawValue: 1), head: LogPosition(rawValue: history.position)
        ) { History.chain(at: $0) }
        #expect(condition(path, log: log) == .otherLog(found: history.end))
    }

    @Test func `57 given another history of the same log, when inspected, then the chain tells`()
        throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let log = LogIdentity(
            logID: History.logID, head: LogPosition(rawValue: history.position)
        ) { History.chain(at: $0, salt: 1) }
        #expect(condition(path, log: log) == .otherLog(found: history.end))
        let shifted = LogIdentity(
            logID: History.logID, head: LogPosition(rawValue: history.position)
        ) { _ in nil }
        #expect(condition(path, log: shifted) == .otherLog(found: history.end))
    }

    @Test func `given a file, when created over it, then it is refused and not overwritten`() throws
    {
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let bytes = RawFile.bytes(of: path)
        #expect(throws: ReadModelError.self) {
            try ReadModelFile.create(.orders, at: path, logID: History.logID)
        }
        #expect(RawFile.bytes(of: path) == bytes)
    }

    @Test func `58 given no room, when projecting, then it is told to wait, and later goes on`()
        throws
    {
        let folder = TestFolder()
        let file = try ReadModelFile.create(
            .orders, at: folder.file("orders.sqlite"), logID: History.logID)
        let projector = try OrdersProjector(file: file)
        // SQLite takes the least that it can: the pages that are there already.
        try file.run("PRAGMA max_page_count = 1")
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 400)
        let error = #expect(throws: ReadModelError.self) { try projector.deliver(history) }
        #expect(error?.code == .full)
        #expect(error?.isTransient == true)
        #expect(file.checkpoint == .start(of: History.logID))
        try file.run("PRAGMA max_page_count = 100000")
        try projector.deliver(history)
        #expect(file.checkpoint == history.end)
        try projector.close()
    }
}
