import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import Foundation
import Synchronization
import Testing

/// Read models built anew beside the live ones.
@Suite struct ProjectionRebuildTests {
    private func digests(_ store: TestStore) throws -> [[TableDigest]] {
        let layout = StoreDirectory(path: store.configuration.directory)
        return try ReadModelName.allCases.map {
            try ReadModelSnapshot(of: $0, at: layout.path(of: $0)).digests()
        }
    }

    private func change(_ name: ReadModelName, in store: TestStore, _ sql: String) throws {
        let layout = StoreDirectory(path: store.configuration.directory)
        let file = try ReadModelFile.open(name, at: layout.path(of: name))
        try file.withDatabase { try RowStatement($0, sql).run() }
        try file.close()
    }

    @Test
    func
        `P-31 given work going on, when rebuilt beside it, then nobody fails, nothing differs`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 1_000_000)), as: boss)
        let isOver = Flag()
        let configuration = store.configuration
        let outcome = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var count = 0
                    while !isOver.isSet {
                        let result = try await daybook.execute(
                            .receiveStock(ReceiveStock(sku: "A", quantity: 1)), as: boss)
                        // Own effects are seen, whichever file the name means.
                        let answer = try await daybook.readModels.availability(
                            sku: SKU(rawValue: "A")!, atLeast: result.positions?.upperBound)
                        #expect(answer.value.available >= 1_000_000)
                        count += 1
                    }
                    return count
                }
            }
            group.addTask {
                var last = LogPosition.start
                var count = 0
                while !isOver.isSet {
                    last = max(last, try await daybook.readModels.orders(limit: 1).position)
                    _ = try await daybook.readModels.dashboard(user: user)
                    count += 1
                }
                return count
            }
            let rebuilds = Task.detached {
                var reports: [ProjectionRebuild.Report] = []
                for _ in 0..<4 {
                    reports += try ProjectionRebuild.rebuild(
                        ReadModelName.allCases, of: configuration
                    ) { _, _ in true }
                }
                return reports
            }
            let reports = await rebuilds.result
            isOver.set()
            let counts = try await group.reduce(into: [Int]()) { $0.append($1) }
            return (reports: try reports.get(), counts: counts)
        }
        #expect(outcome.reports.count == 12)
        #expect(outcome.reports.allSatisfy { $0.isEqual == true && $0.isPublished })
        #expect(outcome.counts.allSatisfy { $0 > 0 })
        try await daybook.waitForProjections()
        try await daybook.close()
        let live = try digests(store)
        let again = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration
        ) { _, _ in true }
        #expect(again.map(\.digests) == live)
    }

    // MARK: Far behind the log

    /// A store whose log ends behind the live models: inventory is the furthest behind, then users.
    private func storeWithModelsBehind() async throws -> (
        store: TestStore, stands: [ReadModelName: LogPosition], head: LogPosition
    ) {
        let store = try TestStore()
        let (shop, _) = try await store.openShopWithCustomer()
        try await shop.close()
        let layout = StoreDirectory(path: store.configuration.directory)
        var earlier: [(path: String, content: Data)] = []
        var stands: [ReadModelName: LogPosition] = [:]
        for name in [ReadModelName.inventory, .users, .orders] {
            let daybook = try await store.open()
            for _ in 0..<3 {
                _ = try await daybook.execute(
                    .receiveStock(ReceiveStock(sku: "A", quantity: 7)), as: boss)
            }
            stands[name] = daybook.head
            try await daybook.close()
            let path = ReadModelPlace(layout.path(of: name)).realPath
            if name != .orders {
                earlier.append((path, try Data(contentsOf: URL(filePath: path))))
            }
        }
        for (path, content) in earlier { try content.write(to: URL(filePath: path)) }
        return (store, stands, try #require(stands[.orders]))
    }

    private func position(of name: ReadModelName, in store: TestStore) throws -> LogPosition {
        let layout = StoreDirectory(path: store.configuration.directory)
        return try ReadModelSnapshot(of: name, at: layout.path(of: name)).checkpoint.position
    }

    @Test(arguments: [0, .max] as [UInt64])
    func `given models behind the log, when rebuilt, then compared there and brought up`(
        farEventCount: UInt64
    ) async throws {
        let (store, stands, head) = try await storeWithModelsBehind()
        var told: [LogPosition] = []
        let reports = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration, farEventCount: farEventCount
        ) { done, _ in
            told.append(done)
            return true
        }
        #expect(reports.allSatisfy { $0.isEqual == true && $0.isPublished })
        for report in reports { #expect(report.comparedAt == stands[report.name]) }
        // Feeding, and with it the progress, goes on behind the first comparison.
        #expect(told.last == (farEventCount == 0 ? head : stands[.inventory]))
        #expect(told == told.sorted())
        for name in ReadModelName.allCases { #expect(try position(of: name, in: store) == head) }
        let live = try digests(store)
        let last = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration
        ) { _, _ in true }
        #expect(last.map(\.digests) == live)
        #expect(last.allSatisfy { $0.comparedAt == head && $0.isEqual == true })
    }

    @Test
    func `given models behind the log, when cancelled behind a comparison, then all are left`()
        async throws
    {
        let (store, stands, _) = try await storeWithModelsBehind()
        let error = #expect(throws: DaybookError.self) {
            try ProjectionRebuild.rebuild(
                ReadModelName.allCases, of: store.configuration, farEventCount: 0
            ) { done, _ in done <= stands[.inventory] ?? .start }
        }
        #expect(error?.kind == .closed)
        for name in ReadModelName.allCases {
            #expect(try position(of: name, in: store) == stands[name])
        }
        let layout = StoreDirectory(path: store.configuration.directory)
        let left = try FileManager.default.contentsOfDirectory(atPath: layout.readModels)
        #expect(!left.contains { $0.contains(".rebuild-") }, "\(left)")
    }

    @Test func `given a model behind the log that differs, when rebuilt, then it alone is left`()
        async throws
    {
        let (store, stands, head) = try await storeWithModelsBehind()
        try change(.inventory, in: store, "UPDATE stock SET on_hand = on_hand + 1")
        let reports = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration, farEventCount: 0
        ) { _, _ in true }
        #expect(reports.map(\.isPublished) == [false, true, true])
        #expect(reports.map(\.isEqual) == [false, true, true])
        #expect(try position(of: .inventory, in: store) == stands[.inventory])
        #expect(try position(of: .users, in: store) == head)
    }

    @Test func `given a model that stands still far behind, when rebuilt, then it goes on`()
        async throws
    {
        let (store, stands, head) = try await storeWithModelsBehind()
        let layout = StoreDirectory(path: store.configuration.directory)
        let file = try ReadModelFile.open(.inventory, at: layout.path(of: .inventory))
        let next = try #require(stands[.inventory]).advanced(by: 1)
        try file.stop(ProjectionStop(position: next, reason: "a test says so"))
        try file.close()
        let reports = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: store.configuration, farEventCount: 0
        ) { _, _ in true }
        #expect(reports.allSatisfy { $0.isEqual == true && $0.isPublished })
        let live = try ReadModelSnapshot(of: .inventory, at: layout.path(of: .inventory))
        #expect(live.stop == nil)
        #expect(live.checkpoint.position == head)
    }

    @Test
    func `given a live model that differs, when rebuilt, then a change must be expected`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let right = try digests(store)
        try change(.orders, in: store, "UPDATE stored_orders SET net_minor = net_minor + 1")
        let wrong = try digests(store)
        #expect(wrong != right)

        let refused = try ProjectionRebuild.rebuild([.orders], of: store.configuration) { _, _ in
            true
        }
        #expect(refused.map(\.isEqual) == [false])
        #expect(refused.map(\.isPublished) == [false])
        #expect(try digests(store) == wrong)
        #expect(try !store.files.contains { $0.contains(".sqlite.rebuild") })

        let expected = try ProjectionRebuild.rebuild(
            [.orders], of: store.configuration, expectsChanges: true
        ) { _, _ in true }
        #expect(expected.map(\.isPublished) == [true])
        #expect(try digests(store) == right)
        let kept = try #require(expected[0].earlierFile)
        #expect(FileManager.default.fileExists(atPath: kept))
    }

    @Test(arguments: ReadModelName.allCases)
    func `given a live model with a page of noise, when rebuilt, then nothing is compared with it`(
        name: ReadModelName
    ) async throws {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let right = try digests(store)
        let path = "read-models/" + name.fileName
        var bytes = try store.bytes(of: path)
        for offset in 8_192..<12_288 { bytes[offset] = UInt8(truncatingIfNeeded: offset &* 31) }
        try Data(bytes).write(to: store.url(store.configuration.directory + "/" + path))
        let reports = try ProjectionRebuild.rebuild([name], of: store.configuration) { _, _ in true
        }
        #expect(reports.map(\.isEqual) == [nil])
        #expect(reports.map(\.isPublished) == [true])
        #expect(try digests(store) == right)
    }

    @Test
    func `given a rebuild that is cancelled, when it ends, then the live files are untouched`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let files = try store.files
        let error = #expect(throws: DaybookError.self) {
            try ProjectionRebuild.rebuild(
                ReadModelName.allCases, of: store.configuration
            ) { _, _ in false }
        }
        #expect(error?.kind == .closed)
        #expect(
            try store.files.filter {
                !$0.contains("rebuild.lock") && !$0.hasSuffix("checkpoints.rebuild")
            }
                == files)
    }

    @Test
    func `given a rebuild at work, when another is asked for, then it is told so`() async throws {
        let store = try TestStore()
        try await store.openShop().close()
        let configuration = store.configuration
        let inner = Mutex<DaybookError?>(nil)
        _ = try ProjectionRebuild.rebuild([.users], of: configuration) { _, _ in
            do throws(DaybookError) {
                _ = try ProjectionRebuild.rebuild([.orders], of: configuration) { _, _ in true }
            } catch {
                inner.withLock { $0 = error }
            }
            return true
        }
        #expect(inner.withLock { $0?.kind } == .busy)
    }

    @Test
    func `given what a killed rebuild left, when rebuilt again, then it starts anew`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let models = store.configuration.directory + "/read-models"
        try Data("half a database".utf8).write(
            to: store.url(models + "/orders.sqlite.rebuild-99-1"))
        try Data("a journal".utf8).write(
            to: store.url(models + "/orders.sqlite.rebuild-99-1-journal"))
        let reports = try ProjectionRebuild.rebuild([.orders], of: store.configuration) { _, _ in
            true
        }
        #expect(reports.map(\.isPublished) == [true])
        #expect(try !store.files.contains { $0.contains(".rebuild-") })
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
