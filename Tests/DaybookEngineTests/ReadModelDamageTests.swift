import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections
import Foundation
import Testing

/// What becomes of a read-model file that is not as it should be. Source: LOG.md, faults 54 to 58.
@Suite struct `Read model damage` {
    private func closedShop() async throws -> (TestStore, UserID, OrderID) {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        return (store, user, order.orderID)
    }

    private func path(_ store: TestStore, _ name: ReadModelName) -> String {
        store.configuration.directory + "/read-models/" + name.fileName
    }

    /// Opens, and expects that exactly this model was replaced, kept aside, and is right again.
    private func expectReplaced(
        _ name: ReadModelName, in store: TestStore, _ reason: String, as word: String = "damaged",
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let daybook = try await store.open()
        let notices = daybook.notices
        #expect(notices.count == 1, "\(notices)", sourceLocation: location)
        #expect(
            notices.allSatisfy { $0.contains(name.fileName) && $0.contains(reason) }, "\(notices)",
            sourceLocation: location)
        try await daybook.close()
        let files = try store.files.filter { $0.hasPrefix("read-models/") }
        #expect(
            files.contains { $0.hasPrefix("read-models/\(name.fileName).\(word)-") }, "\(files)",
            sourceLocation: location)
        #expect(!files.contains { $0.contains(".rebuild") }, sourceLocation: location)
        #expect(
            try store.modelsEqualRebuild() == [true, true, true], sourceLocation: location)
    }

    @Test(arguments: ReadModelName.allCases)
    func `54 given a deleted file, when opened, then it is built from the log`(
        name: ReadModelName
    ) async throws {
        let (store, _, _) = try await closedShop()
        try FileManager.default.removeItem(atPath: path(store, name))
        let daybook = try await store.open()
        #expect(daybook.notices.map { $0.contains("is not there") } == [true])
        try await daybook.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test(arguments: ReadModelName.allCases)
    func `given a file from before there were links, when opened, then it gets its number`(
        name: ReadModelName
    ) async throws {
        let (store, user, _) = try await closedShop()
        let place = ReadModelPlace(path(store, name))
        let real = place.realPath
        try FileManager.default.removeItem(atPath: place.path)
        try FileManager.default.moveItem(atPath: real, toPath: place.path)
        #expect(place.isPlain)
        let error = #expect(throws: DaybookError.self) {
            try ProjectionRebuild.rebuild([name], of: store.configuration) { _, _ in true }
        }
        #expect(error?.message.contains("before read models were links") == true)

        let daybook = try await store.open()
        #expect(daybook.notices.isEmpty)
        #expect(!place.isPlain)
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        let reports = try ProjectionRebuild.rebuild([name], of: store.configuration) { _, _ in true
        }
        #expect(reports.map(\.isEqual) == [true])
    }

    @Test(arguments: ReadModelName.allCases, [0, 100, 4_096, 20_000])
    func `54 given a file cut short, when opened, then it is kept aside and built anew`(
        name: ReadModelName, length: Int
    ) async throws {
        let (store, _, _) = try await closedShop()
        let bytes = try store.bytes(of: "read-models/" + name.fileName)
        #expect(bytes.count > length)
        try Data(bytes.prefix(length)).write(to: store.url(path(store, name)))
        try await expectReplaced(name, in: store, "is damaged")
    }

    @Test(arguments: ReadModelName.allCases)
    func `54 given a page of noise, when opened, then it is kept aside and built anew`(
        name: ReadModelName
    ) async throws {
        let (store, _, _) = try await closedShop()
        var bytes = try store.bytes(of: "read-models/" + name.fileName)
        for offset in 8_192..<12_288 { bytes[offset] = UInt8(truncatingIfNeeded: offset &* 31) }
        try Data(bytes).write(to: store.url(path(store, name)))
        try await expectReplaced(name, in: store, "is damaged")
    }

    @Test(arguments: ReadModelName.allCases)
    func
        `54 given the file of another program, when opened, then readers keep it and a new one is built`(
            name: ReadModelName
        ) async throws
    {
        let (store, _, _) = try await closedShop()
        // As if its projector had been another one.
        let old = try ReadModelFile.open(name, at: path(store, name))
        try old.run("UPDATE projection SET schema_hash = x'0011'")
        let before = try old.digests()
        try await expectReplaced(name, in: store, "is of another program", as: "outdated")
        // Whoever had the old file open still reads it, whole.
        #expect(try old.digests() == before)
        try old.close()
    }

    @Test
    func
        `54 given half a rebuild from a process that was killed, when opened, then it is no matter`()
        async throws
    {
        let (store, _, order) = try await closedShop()
        let old = try ReadModelFile.open(.orders, at: path(store, .orders))
        try old.run("UPDATE projection SET schema_hash = x'0011'")
        try old.close()
        try Data(repeating: 1, count: 9_000).write(
            to: store.url(path(store, .orders) + ".rebuild-99-1"))
        try await expectReplaced(.orders, in: store, "is of another program", as: "outdated")
        let daybook = try await store.open()
        #expect(try await daybook.status(of: order) == "processing")
        try await daybook.close()
    }

    @Test func `54 given new files that cannot be built beside, when opened, then they catch up`()
        async throws
    {
        let (store, _, order) = try await closedShop()
        try Data(repeating: 0x5A, count: 20_000).write(to: store.url(path(store, .orders)))
        // Somebody else rebuilds at the same time.
        let lock = try RebuildLock(
            in: StoreDirectory(path: store.configuration.directory))
        let daybook = try await store.open()
        #expect(daybook.notices.count == 2, "\(daybook.notices)")
        #expect(daybook.notices[0].contains("building read models beside the old ones failed"))
        #expect(try await daybook.status(of: order) == "processing")
        try await daybook.close()
        lock.release()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test func `55 given read models behind the log, when opened, then they catch up`() async throws
    {
        let (store, user, _) = try await closedShop()
        let older = try store.copy(to: "older")
        var daybook = try await store.open()
        let order = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        try FileManager.default.removeItem(
            atPath: store.configuration.directory + "/read-models")
        try FileManager.default.copyItem(
            atPath: older + "/read-models",
            toPath: store.configuration.directory + "/read-models")
        daybook = try await store.open()
        #expect(daybook.notices.isEmpty)
        #expect(daybook.projectedAtStart < daybook.headAtStart)
        #expect(try await daybook.status(of: order.orderID) == "processing")
        try await daybook.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test(arguments: ReadModelName.allCases)
    func `56 given one read model ahead of the log, when opened, then nothing is changed`(
        name: ReadModelName
    ) async throws {
        let (store, user, _) = try await closedShop()
        let older = try store.copy(to: "older")
        let daybook = try await store.open()
        _ = try await daybook.order([("A", 1)], by: user)
        try await daybook.close()
        let target = older + "/read-models/" + name.fileName
        try FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(
            atPath: ReadModelPlace(path(store, name)).realPath, toPath: target)
        let configuration = store.configuration(of: older)
        let before = try FileManager.default.subpathsOfDirectory(atPath: older).sorted()
        for _ in 1...2 {
            let error = try await failure { try await Daybook.open(configuration) }
            #expect(error.kind == .damaged)
            #expect(error.message.contains(name.fileName))
        }
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: older).sorted()
                .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
                == before.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") })
    }

    @Test(arguments: ReadModelName.allCases)
    func `57 given a read model of another log, when opened, then it is kept aside and built anew`(
        name: ReadModelName
    ) async throws {
        let (store, _, _) = try await closedShop()
        var other = store.configuration(of: store.path + "/other")
        other.seedChance(with: 2)
        try Daybook.create(other)
        let stranger = try await Daybook.open(other)
        try await stranger.addGoods()
        try await stranger.close()
        try FileManager.default.removeItem(atPath: path(store, name))
        let foreign = ReadModelPlace(other.directory + "/read-models/" + name.fileName)
        try FileManager.default.copyItem(atPath: foreign.realPath, toPath: path(store, name))
        try await expectReplaced(name, in: store, "belongs to another log")
    }

    @Test func `58 given a model that cannot be written, when commands come, then others go on`()
        async throws
    {
        let (store, user, _) = try await closedShop()
        let head = try DaybookReader.open(directory: store.configuration.directory).head
        // A row where the stock reservation of the next order belongs.
        let table = try #require(ReadModelName.inventory.schema.table(named: "stock_ledger"))
        let others = table.storedColumns.map(\.name).filter { $0 != "position" }
        func write(_ sql: String) throws {
            let file = try ReadModelFile.open(.inventory, at: path(store, .inventory))
            try file.run(sql)
            try file.close()
        }
        let names = others.joined(separator: ", ")
        try write(
            """
            INSERT INTO stock_ledger (position, \(names))
            SELECT \(head.advanced(by: 2)), \(names) FROM stock_ledger LIMIT 1
            """)
        let daybook = try await store.open(.manual)
        let order = try await daybook.order([("A", 1)], by: user)
        let newest = try await daybook.readModels.order(
            orderID: order.orderID, atLeast: daybook.head)
        #expect(newest.position == daybook.head)
        #expect(try daybook.readModels.position(of: .inventory) == head)
        try await daybook.close()
        try write("DELETE FROM stock_ledger WHERE position > \(head)")
        try await store.open(.manual).close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test(arguments: ReadModelName.allCases)
    func `58 given a locked file, when commands come, then the log goes on and the rows follow`(
        name: ReadModelName
    ) async throws {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let lock = await FileLock.take(path(store, name), name)
        let before = daybook.head
        let order = try await daybook.order([("A", 1)], by: user)
        #expect(daybook.head > before)
        lock.release()
        // Before asking: a question waits for some seconds only, which a busy machine may need.
        try await daybook.waitForProjections()
        #expect(try await daybook.status(of: order.orderID) == "pending")
        try await daybook.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }
}

/// Holds SQLite's write lock on a read model, as a program for looking into databases may.
private final class FileLock: Sendable {
    private let isReleased = DispatchSemaphore(value: 0)

    static func take(_ path: String, _ name: ReadModelName) async -> FileLock {
        let lock = FileLock()
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do {
                    let file = try ReadModelFile.open(name, at: path)
                    try file.transaction(movingTo: file.checkpoint) { _ in
                        continuation.resume()
                        lock.isReleased.wait()
                        // Leaves the file as it is.
                        throw CancellationError()
                    }
                } catch is CancellationError {
                    return
                } catch {
                    Issue.record("\(path) cannot be locked: \(error)")
                    continuation.resume()
                }
            }
        }
        return lock
    }

    func release() { isReleased.signal() }
}

extension ReadModelFile {
    /// Runs one statement behind the projector's back.
    func run(_ sql: String) throws {
        try withDatabase { try RowStatement($0, sql).run() }
    }
}
