import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections
import Foundation
import Testing

@testable import DaybookEngine

/// Reading a store's history again: by two threads, and against its snapshot.
@Suite struct `Replay` {
    private func store() async throws -> (TestStore, DaybookReader) {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        for _ in 0..<5 { _ = try await daybook.order([("A", 1)], by: user) }
        try await daybook.close()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        // A store this small keeps none by itself.
        let log = reader.log
        try SnapshotFile(directory: store.configuration.store.snapshots).write(
            Snapshot(
                logID: log.logID, position: log.head.position,
                chain: try #require(try log.chain(at: log.head.position)),
                vocabulary: log.upcasters.digest,
                state: try EngineState.fold(log, onto: nil, isParallel: false)))
        return (store, reader)
    }

    @Test func `given any range, when decoded ahead, then the batches are those of one thread`()
        async throws
    {
        let (_, reader) = try await store()
        let log = reader.log
        let head = log.head.position.rawValue
        for (first, last) in [(1, head), (5, head - 3), (head, head), (1, 1)] {
            var ahead: [FactBatch] = []
            try log.forEachFactBatchAhead(
                from: LogPosition(rawValue: first), through: LogPosition(rawValue: last)
            ) { batch in
                ahead.append(batch)
                return true
            }
            var alone: [FactBatch] = []
            try log.forEachFactBatch(
                from: LogPosition(rawValue: first), through: LogPosition(rawValue: last),
                isParallel: false
            ) { batch in
                alone.append(batch)
                return true
            }
            #expect(!alone.isEmpty)
            #expect(ahead == alone)
        }
    }

    @Test
    func `given eight replays at once, when models are built anew, then none meets another`()
        async throws
    {
        let (store, _) = try await store()
        let directory = store.configuration.directory
        try await withThrowingTaskGroup(of: DaybookEngine.Replay.Report.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try DaybookReader.open(directory: directory).replay { _ in true }
                }
            }
            for try await report in group {
                #expect(report.models == [.inventory: true, .orders: true, .users: true])
            }
        }
    }

    @Test
    func `given a reader that stops or fails, when decoded ahead, then nothing is left running`()
        async throws
    {
        struct Stop: Error {}
        let (_, reader) = try await store()
        var count = 0
        try reader.log.forEachFactBatchAhead(from: .start, through: nil) { _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
        #expect(throws: Stop.self) {
            try reader.log.forEachFactBatchAhead(from: .start, through: nil) { _ in throw Stop() }
        }
    }

    @Test func `given a snapshot, when the state is another, then the replay says so`() async throws
    {
        let (store, reader) = try await store()
        let file = SnapshotFile(directory: store.configuration.store.snapshots)
        let sound = try reader.replay(includesModels: false) { _ in true }
        #expect(sound.snapshotPosition == reader.head)
        #expect(sound.snapshotIsEqual)
        #expect(sound.models.isEmpty)
        #expect(!sound.hasFindings)
        var snapshot = try #require(file.readStored()?.decoded())
        snapshot.state = .initial
        try file.write(snapshot)
        let differing = try reader.replay(includesModels: false) { _ in true }
        #expect(!differing.snapshotIsEqual)
        #expect(differing.hasFindings)
        let stored = try #require(file.readStored())
        #expect(stored.holds(.initial) == true)
        #expect(stored.position == reader.head)
    }

    @Test func `given a snapshot that is damaged anywhere, when read, then there is none`()
        async throws
    {
        let (store, _) = try await store()
        let file = SnapshotFile(directory: store.configuration.store.snapshots)
        var bytes: [UInt8] = []
        try #require(file.readStored()?.decoded()).encode { bytes += $0 }
        #expect(StoredSnapshot(bytes) != nil)
        var again: [UInt8] = []
        Snapshot(decoding: bytes)?.encode { again += $0 }
        #expect(again == bytes)
        for index in stride(from: 0, to: bytes.count, by: 37) {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(StoredSnapshot(damaged) == nil, "byte \(index)")
        }
        #expect(StoredSnapshot([]) == nil)
    }
}
