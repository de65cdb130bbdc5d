import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections
import Foundation
import Glibc
import Testing

@testable import DaybookEngine

/// Snapshots that are written beside the running store, and what a start has to do after a kill.
@Suite struct RunningSnapshotTests {
    // MARK: When

    @Test func `given too few events, when asked, then no snapshot is due`() {
        let pace = SnapshotPace(every: 100, since: LogPosition(rawValue: 50))
        #expect(!pace.isDue(at: LogPosition(rawValue: 149), now: { .now }))
        #expect(pace.isDue(at: LogPosition(rawValue: 150), now: { .now }))
    }

    @Test
    func `given a snapshot that took 0.1 s, when 0.8 s have passed, then the next one may come`() {
        var pace = SnapshotPace(every: 100, since: .start)
        let done = ContinuousClock.Instant.now
        pace.note(LogPosition(rawValue: 100), cost: .milliseconds(100), at: done)
        let head = LogPosition(rawValue: 500)
        #expect(!pace.isDue(at: head, now: { done + .milliseconds(799) }))
        #expect(pace.isDue(at: head, now: { done + .milliseconds(800) }))
        #expect(!pace.isDue(at: LogPosition(rawValue: 199), now: { done + .seconds(9) }))
    }

    @Test func `given a world without time, when there are enough events, then one is due`() {
        var pace = SnapshotPace(every: 10, since: .start)
        pace.note(LogPosition(rawValue: 10), cost: nil, at: nil)
        #expect(!pace.isDue(at: LogPosition(rawValue: 19), now: { nil }))
        #expect(pace.isDue(at: LogPosition(rawValue: 20), now: { nil }))
    }

    // MARK: What a start finds

    @Test
    func `given a running store, when it is killed, then the next start folds from its snapshot`()
        async throws
    {
        let store = try TestStore()
        store.configuration.eventsPerRunningSnapshot = 1
        let (daybook, user) = try await store.openShopWithCustomer()
        let key = IdempotencyKey(rawValue: "once")
        _ = try await daybook.order([("A", 2)], by: user, key: key)
        // The state of a group is handed over before the request behind it is looked at.
        _ = await daybook.workToDo()
        daybook.snapshots.stop()
        let newest = daybook.snapshots.newest
        #expect(newest > daybook.foldedFrom)
        #expect(newest <= daybook.head)
        #expect(daybook.notices == [])
        let copy = try store.copy(to: "killed")
        let restarted = try await Daybook.open(store.configuration(of: copy))
        #expect(restarted.foldedFrom == newest)
        #expect(try await restarted.isStateEqualToFold() == true)
        let head = restarted.head
        _ = try await restarted.order([("A", 2)], by: user, key: key)
        #expect(restarted.head == head)
        try await restarted.close()
        try await daybook.close()
    }

    @Test
    func
        `given a full disk, when a snapshot cannot be written, then it is told and the store goes on`()
        async throws
    {
        let store = try TestStore()
        store.configuration.eventsPerRunningSnapshot = 1
        store.configuration.snapshotStorage = try ScarceStorage(
            path: store.path + "/full", refusing: "state.snapshot.part", isFull: true)
        let daybook = try await store.openShop()
        _ = try await daybook.customer()
        _ = await daybook.workToDo()
        daybook.snapshots.stop()
        #expect(daybook.snapshots.newest == .start)
        let notices = daybook.notices
        #expect(notices.count == 1)
        #expect(notices.allSatisfy { $0.contains("snapshot at position") }, "\(notices)")
        _ = try await daybook.register("bob@example.com")
        try await daybook.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.path + "/full") == [])
    }

    private static func empty(at position: UInt64) -> Snapshot {
        Snapshot(
            logID: LogID(rawValue: 1), position: LogPosition(rawValue: position), chain: .zero,
            vocabulary: .zero, state: .initial)
    }

    @Test
    func
        `given three snapshots, when written, then the newest two are left and the newest is read`()
        throws
    {
        let store = try TestStore()
        let storage = try FileStorage(path: store.path + "/snapshots", creating: true)
        let file = SnapshotFile(storage: storage)
        for position in [7, 8, 9] as [UInt64] { try file.write(Self.empty(at: position)) }
        #expect(file.readStored()?.position == LogPosition(rawValue: 9))
        #expect(try storage.list().sorted() == ["state.snapshot", "state.snapshot.previous"])
        // A crash between the two renames.
        try storage.unlink("state.snapshot")
        #expect(file.readStored()?.position == LogPosition(rawValue: 8))
        try file.write(Self.empty(at: 10))
        #expect(file.readStored()?.position == LogPosition(rawValue: 10))
        #expect(try storage.list().sorted() == ["state.snapshot", "state.snapshot.previous"])
    }

    /// A store whose newest two snapshots are of different positions, closed.
    private func storeWithTwoSnapshots() async throws -> (TestStore, older: LogPosition) {
        let store = try TestStore()
        store.configuration.eventsPerSnapshot = 1
        let (daybook, user) = try await store.openShopWithCustomer()
        let older = daybook.head
        try await daybook.close()
        let again = try await store.open()
        #expect(again.foldedFrom == older)
        _ = try await again.order([("A", 2)], by: user)
        try await again.close()
        return (store, older)
    }

    @Test
    func `given a damaged newest snapshot, when opened, then the one before it is used`()
        async throws
    {
        let (store, older) = try await storeWithTwoSnapshots()
        var bytes = try store.bytes(of: "snapshots/state.snapshot")
        bytes[bytes.count / 2] ^= 0x10
        try Data(bytes).write(
            to: store.url(store.configuration.directory + "/snapshots/state.snapshot"))
        let daybook = try await store.open()
        #expect(daybook.foldedFrom == older)
        #expect(daybook.start.foldedEventCount == daybook.headAtStart.rawValue - older.rawValue)
        #expect(try await daybook.isStateEqualToFold() == true)
        // The next one must not push the good one out of its place.
        let folder = store.configuration.directory + "/snapshots"
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder) == [
                "state.snapshot.previous"
            ])
        try await daybook.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "state.snapshot", "state.snapshot.previous",
            ])
    }

    @Test
    func `given a newest snapshot of another history, when opened, then the one before it is used`()
        async throws
    {
        let (store, older) = try await storeWithTwoSnapshots()
        let file = store.configuration.snapshotFile
        let previous = try Data(store.bytes(of: "snapshots/state.snapshot.previous"))
        for change in [0, 1, 2] {
            var snapshot = try #require(file.readStored()?.decoded())
            switch change {
            case 0: snapshot.logID = LogID(rawValue: 1)
            case 1: snapshot.vocabulary = .zero
            default: snapshot.state = .initial
            }
            if change == 2 { snapshot.chain = .zero }
            try file.write(snapshot)
            try previous.write(
                to: store.url(store.configuration.directory + "/snapshots/state.snapshot.previous"))
            let copy = try store.copy(to: "changed-\(change)")
            let daybook = try await Daybook.open(store.configuration(of: copy))
            #expect(daybook.foldedFrom == older, "change \(change)")
            #expect(try await daybook.isStateEqualToFold() == true)
            try await daybook.close()
        }
    }

    @Test
    func `given a snapshot beyond the log's end, when opened, then it is refused as lost events`()
        async throws
    {
        let (store, _) = try await storeWithTwoSnapshots()
        let file = store.configuration.snapshotFile
        var snapshot = try #require(file.readStored()?.decoded())
        snapshot.position = snapshot.position.advanced(by: 1)
        try file.write(snapshot)
        await #expect(throws: DaybookError.self) { _ = try await store.open() }
    }

    // MARK: Read models at start

    @Test
    func `given the write-ahead log of a killed process, when a model is opened, then it stays`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.waitForProjections()
        // As a kill would leave it: nothing was folded in.
        let copy = StoreDirectory(path: try store.copy(to: "killed"))
        try await daybook.close()
        let place = ReadModelPlace(copy.path(of: .orders))
        func bytes(_ suffix: String) throws -> Data {
            try Data(contentsOf: store.url(place.realPath + suffix))
        }
        let (rows, log) = (try bytes(""), try bytes("-wal"))
        #expect(!log.isEmpty)
        let file = try ReadModelFile.open(.orders, at: place.path)
        #expect(file.checkpoint.position > .start)
        #expect(try bytes("") == rows)
        #expect(try bytes("-wal") == log)
        try file.close()
    }

    @Test
    func `given read models far behind, when opened, then commands do not wait for them`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        try FileManager.default.removeItem(atPath: store.configuration.directory + "/read-models")
        store.configuration.eventsToWaitForAtStart = 0
        let restarted = try await store.open()
        #expect(restarted.notices.contains { $0.contains("events behind the log at start") })
        _ = try await restarted.order([("A", 1)], by: user)
        try await restarted.waitForProjections()
        #expect(try await restarted.status(of: order.orderID) == "processing")
        try await restarted.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test
    func `given a damaged page, when a model is looked at beside its use, then it is told`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        _ = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let path = store.configuration.directory + "/read-models/orders.sqlite"
        let sound = ReadModelCheck([(.orders, path)])
        sound.begin()
        sound.waitForEnd()
        #expect(sound.findings == [])
        sound.stop()
        var bytes = try store.bytes(of: "read-models/orders.sqlite")
        for page in 2..<bytes.count / 4_096 {
            // The kind of the page.
            bytes[page * 4_096] = 0x77
        }
        try Data(bytes).write(to: store.url(ReadModelPlace(path).realPath))
        let damaged = ReadModelCheck([(.orders, path)])
        damaged.begin()
        damaged.waitForEnd()
        #expect(damaged.findings.count == 1)
        #expect(damaged.findings.allSatisfy { $0.contains("projection rebuild orders") })
        damaged.stop()
        // What was found is dealt with by the next start, however large the file is.
        #expect(ReadModelSuspicion(of: path).isRaised)
        let restarted = try await store.open()
        #expect(restarted.notices.contains { $0.contains("is damaged") })
        #expect(!ReadModelSuspicion(of: path).isRaised)
        try await restarted.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }
}
