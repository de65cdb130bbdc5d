import DaybookCore
import DaybookDecisions
import DaybookLog
import Foundation
import Testing

@testable import DaybookEngine

/// A store whose keys are put away: what it answers, and what becomes of it when the runs are harmed.
@Suite struct KeptKeysTests {
    private func key(_ number: Int) -> IdempotencyKey { IdempotencyKey("kept-\(number)")! }

    /// A store that put the keys of some orders away, closed.
    private func store(orders: Int = 12) async throws -> (TestStore, UserID, [OrderOutcome]) {
        let store = try TestStore()
        store.configuration.keysPerRun = 1
        store.configuration.eventsPerSnapshot = 1
        store.configuration.eventsPerRunningSnapshot = 1
        let (opened, user) = try await store.openShopWithCustomer()
        var daybook = opened
        _ = try await daybook.execute(
            .receiveStock(ReceiveStock(sku: "A", quantity: 1_000)), as: boss)
        var first: [OrderOutcome] = []
        for number in 0..<orders {
            first.append(try await daybook.order([("A", 1)], by: user, key: key(number)))
            if number == orders / 2 {
                try await daybook.close()
                daybook = try await store.open()
            }
        }
        try await daybook.close()
        return (store, user, first)
    }

    private func runNames(_ store: TestStore) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: store.configuration.store.snapshots
        ).filter(KeyRunIdentity.isFileName).sorted()
    }

    /// Every key again: no order is placed, and the answers are the first ones.
    private func requireRepeats(
        _ daybook: Daybook, _ user: UserID, _ first: [OrderOutcome], in store: TestStore
    ) async throws {
        let orders = try store.count(of: OrderPlaced.type)
        for (number, outcome) in first.enumerated() {
            let again = try await daybook.order([("A", 1)], by: user, key: key(number))
            #expect(again == outcome)
        }
        #expect(try store.count(of: OrderPlaced.type) == orders)
    }

    @Test
    func
        `P-21 given keys that were put away, when they come again, then the first answers and no event`()
        async throws
    {
        let (store, user, first) = try await store()
        let daybook = try await store.open()
        #expect(daybook.start.keyRunCount > 0)
        #expect(daybook.start.foldedEventCount == 0)
        try await requireRepeats(daybook, user, first, in: store)
        #expect(try await daybook.isStateEqualToFold() == true)
        let reused = try await failure {
            try await daybook.order([("A", 2)], by: user, key: key(3))
        }
        #expect(reused.kind == .idempotencyKeyReused)
        try await daybook.close()
    }

    @Test func `given many snapshots, then only runs that one of the two names are left`()
        async throws
    {
        let (store, user, first) = try await store()
        for number in first.count..<first.count + 6 {
            let daybook = try await store.open()
            _ = try await daybook.order([("A", 1)], by: user, key: key(number))
            try await daybook.close()
        }
        var named: Set<String> = []
        for name in SnapshotNames.all {
            let head = try store.bytes(of: "snapshots/\(name)").prefix(Snapshot.headByteCount)
            named.formUnion(Snapshot.runFileNames(inHead: Array(head)))
        }
        #expect(!named.isEmpty)
        #expect(try Set(runNames(store)) == named)
    }

    @Test
    func `given long runs, when snapshots go on, then they merge behind them and keys are found`()
        async throws
    {
        let (store, user, first) = try await store(orders: 80)
        let stored = try #require(store.configuration.snapshotFile.readStored())
        let counts = try #require(stored.decoded()).state.keys.runs.identities.map(\.tally.count)
        // No snapshot waits for a merge of runs of sixteen keys and more here.
        #expect(counts.max() ?? 0 >= 40, "\(counts)")
        #expect(counts.count <= 8, "\(counts)")
        let daybook = try await store.open()
        #expect(daybook.start.foldedEventCount == 0)
        try await requireRepeats(daybook, user, first, in: store)
        #expect(try await daybook.isStateEqualToFold() == true)
        try await daybook.close()
    }

    @Test func `given a flipped bit in the entries, when a key comes again, then the log has it`()
        async throws
    {
        let (store, user, first) = try await store()
        try damageEntries(store)
        let report = try DaybookReader.open(directory: store.configuration.directory)
            .replay(includesModels: false) { _ in true }
        // As of a damaged snapshot: it says nothing, and nothing is wrong with the log.
        #expect(report.snapshotPosition == nil)
        #expect(report.snapshotIsEqual)
        let daybook = try await store.open()
        #expect(daybook.start.keyRunCount > 0)
        try await requireRepeats(daybook, user, first, in: store)
        #expect(try await daybook.isStateEqualToFold() == true)
        // The next snapshot puts them away anew.
        _ = try await daybook.order([("A", 1)], by: user, key: key(99))
        try await daybook.close()
        let again = try await store.open()
        #expect(again.start.foldedEventCount == 0)
        try await requireRepeats(again, user, first, in: store)
        try await again.close()
    }

    @Test
    func
        `given a flipped bit that nobody has met, when all is compared with the log, then it comes back`()
        async throws
    {
        let (store, user, first) = try await store()
        try damageEntries(store)
        let daybook = try await store.open()
        #expect(daybook.start.keyRunCount > 0)
        #expect(try await daybook.isStateEqualToFold() == true)
        try await requireRepeats(daybook, user, first, in: store)
        try await daybook.close()
    }

    private func damageEntries(_ store: TestStore) throws {
        for name in try runNames(store) {
            var bytes = try store.bytes(of: "snapshots/\(name)")
            bytes[IndexBlock.byteCount + 5] ^= 4
            try Data(bytes).write(
                to: store.url(store.configuration.store.snapshots + "/" + name))
        }
    }

    @Test
    func `given a damaged run, when it is to be merged, then its keys come back and are put away`()
        async throws
    {
        let (store, _, first) = try await store()
        try damageEntries(store)
        let log = try DaybookReader.open(directory: store.configuration.directory).log
        let stored = try #require(store.configuration.snapshotFile.readStored())
        var keys = try #require(stored.decoded()).state.keys
        let whole = keys.tally
        // So many that every run is merged with them.
        let more = 100
        for number in 0..<more {
            keys.record(
                IdempotencyScope(actor: .system, command: "Test", key: "new-\(number)"),
                at: log.head.position.advanced(by: 1))
        }
        keys.part(atLeast: more)
        let storage = try FileStorage(path: store.configuration.store.snapshots)
        let through = log.head.position.advanced(by: 1)
        var putAway: KeysPutAway?
        var defects: [KeyRunDefect] = []
        while putAway == nil {
            do throws(KeyRunFailure) {
                putAway = try keys.puttingAway(through: through, of: log.logID, in: storage)
            } catch {
                guard case .damaged(let defect) = error else { throw error }
                defects.append(defect)
                try keys.bringBack(from: defect.after, reading: log)
            }
        }
        #expect(!defects.isEmpty)
        #expect(defects.allSatisfy { $0.description.contains("checksum") }, "\(defects)")
        keys.adopt(try #require(putAway))
        #expect(try keys.measuredTally() == keys.tally)
        #expect(keys.tally.count == whole.count + UInt64(more))
        #expect(
            try keys.runs.runs.map { try $0.measuredTally().count }.reduce(0, +) == whole.count
                + UInt64(more))
        #expect(try storage.list().contains(KeyRunWriter.partialName) == false)
        #expect(!first.isEmpty)
    }

    @Test func `given keys that were put away from other runs, then they stay in memory`() throws {
        let store = try TestStore()
        let storage = try FileStorage(path: store.path + "/keys", creating: true)
        let scope = IdempotencyScope(actor: .system, command: "Test", key: "one")
        var keys = IdempotencyTable()
        keys.record(scope, at: LogPosition(rawValue: 1))
        keys.part(atLeast: 1)
        var putAway = try #require(
            try keys.puttingAway(
                through: LogPosition(rawValue: 1), of: LogID(rawValue: 1), in: storage))
        putAway.before = putAway.runs.identities
        keys.adopt(putAway)
        #expect(keys.runs.runs.isEmpty)
        #expect(try keys.position(of: scope) == LogPosition(rawValue: 1))
    }

    @Test func `given a run that is gone, when opened, then the log is folded instead`()
        async throws
    {
        let (store, user, first) = try await store()
        for name in try runNames(store) {
            try FileManager.default.removeItem(
                atPath: store.configuration.store.snapshots + "/" + name)
        }
        let daybook = try await store.open()
        #expect(daybook.foldedFrom == .start)
        try await requireRepeats(daybook, user, first, in: store)
        try await daybook.close()
    }

    @Test
    func `given a full disk, when keys cannot be put away, then nothing is lost and nothing left`()
        async throws
    {
        let store = try TestStore()
        store.configuration.keysPerRun = 1
        store.configuration.eventsPerRunningSnapshot = 1
        let scarce = try ScarceStorage(
            path: store.path + "/full", refusing: KeyRunWriter.partialName, isFull: true)
        store.configuration.snapshotStorage = scarce
        // Mails are recorded in their own time: the state would not stand still.
        let (daybook, user) = try await store.openShopWithCustomer(.paymentsOnly)
        let first = try await daybook.order([("A", 1)], by: user, key: key(0))
        _ = await daybook.workToDo()
        _ = try await daybook.register("bob@example.com")
        _ = await daybook.workToDo()
        scarce.isFull = false
        _ = try await daybook.register("cy@example.com")
        _ = await daybook.workToDo()
        try await requireRepeats(daybook, user, [first], in: store)
        #expect(try await daybook.isStateEqualToFold() == true)
        try await daybook.close()
        let left = try scarce.list()
        #expect(!left.contains(KeyRunWriter.partialName), "\(left)")
    }
}
