import DaybookCore
import DaybookLog
import Testing

@testable import DaybookEngine

/// How a snapshot is written piece by piece, and which versions of its file are read.
@Suite struct SnapshotPieceTests {
    /// The snapshot of a store with users, open orders and mails.
    private func snapshot() async throws -> Snapshot {
        let store = try TestStore()
        store.configuration.eventsPerSnapshot = 1
        let (daybook, user) = try await store.openShopWithCustomer()
        for number in 1...5 {
            _ = try await daybook.register("user\(number)@example.com")
            _ = try await daybook.order([("A", 1)], by: user)
        }
        try await daybook.close()
        let file = SnapshotFile(directory: store.configuration.store.snapshots)
        return try #require(file.readStored()?.decoded())
    }

    private func pieces(of snapshot: Snapshot, byteCount: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        snapshot.encode(partByteCount: byteCount) { pieces.append(Array($0)) }
        return pieces
    }

    /// The bytes with another version number, and the hash that vouches for them.
    private func bytes(_ bytes: [UInt8], withVersion version: UInt8) throws -> [UInt8] {
        var body = Array(bytes.dropLast(Digest.byteCount))
        // Behind magic, log id, position and chain.
        let tag = try #require(
            body.indices.first { index in
                index >= 8 + 18 && body[index] == 4 << 3 && body[index + 1] == 5
                    && body[index + 2] == 7 << 3 | 2
            })
        body[tag + 1] = version
        let digest = body.withUnsafeBytes { HashFunction.sha256.digest($0) }
        return body + digest.withUnsafeBytes { Array($0) }
    }

    @Test(arguments: [1, 100, 1_000, Snapshot.partByteCount])
    func `given pieces of any length, when read together, then they hold the state`(
        byteCount: Int
    ) async throws {
        let snapshot = try await snapshot()
        let pieces = pieces(of: snapshot, byteCount: byteCount)
        #expect((pieces.count == 1) == (byteCount == Snapshot.partByteCount))
        let stored = try #require(StoredSnapshot(pieces.flatMap { $0 }))
        #expect(stored.position == snapshot.position)
        #expect(stored.holds(snapshot.state) == true)
        #expect(stored.holds(.initial) == false)
    }

    @Test
    func `given a piece that is missing, when read, then the hash does not vouch for the rest`()
        async throws
    {
        let snapshot = try await snapshot()
        let pieces = pieces(of: snapshot, byteCount: 100)
        try #require(pieces.count > 3)
        for missing in pieces.indices {
            var rest = pieces
            rest.remove(at: missing)
            #expect(StoredSnapshot(rest.flatMap { $0 }) == nil, "piece \(missing)")
        }
    }

    @Test func `given a piece that cannot be written, when told, then no other one is handed over`()
        async throws
    {
        let snapshot = try await snapshot()
        let full = EventLogError(.noSpace, "the disk is full")
        var count = 0
        let error = #expect(throws: EventLogError.self) {
            try snapshot.encode(partByteCount: 100) { _ throws(EventLogError) in
                count += 1
                if count == 2 { throw full }
            }
        }
        #expect(error?.code == .noSpace)
        #expect(count == 2)
    }

    @Test func `given a file of the version before, when read, then it holds the state`()
        async throws
    {
        let snapshot = try await snapshot()
        let whole = pieces(of: snapshot, byteCount: .max)
        try #require(whole.count == 1)
        let stored = try #require(StoredSnapshot(try bytes(whole[0], withVersion: 4)))
        #expect(stored.holds(snapshot.state) == true)
        #expect(StoredSnapshot(try bytes(whole[0], withVersion: 3)) == nil)
        #expect(StoredSnapshot(try bytes(whole[0], withVersion: 6)) == nil)
    }
}
