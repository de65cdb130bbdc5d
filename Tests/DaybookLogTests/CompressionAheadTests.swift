import DaybookCore
import Testing

@testable import DaybookLog

/// A thread that stages may compress before the commit; nobody who reads the log can tell.
@Suite struct `Compression ahead of the commit` {
    /// Short and long batches, of words that repeat and of noise that does not.
    private static func batches(_ count: Int) -> [ProposedBatch] {
        var generator = SeededGenerator(seed: testSeed("Compression ahead of the commit"))
        return (0..<count).map { number in
            // Shorter than a frame may be that batches share, and longer.
            let byteCount = number % 5 == 4 ? 70_000 : Int.random(in: 10...9_000, using: &generator)
            let isNoise = number % 3 == 0
            let payload = (0..<byteCount).map { index in
                isNoise ? UInt8.random(in: .min ... .max, using: &generator) : UInt8(index % 50)
            }
            let event = ProposedEvent(
                type: "OrderPlaced", tags: [OrderID(rawValue: UInt128(number)).tag],
                payload: payload)
            return batch(event)
        }
    }

    private static func isAlways(_ number: Int) -> Bool { true }
    private static func isAtTimes(_ number: Int) -> Bool { number % 4 == 1 }
    private static func isNever(_ number: Int) -> Bool { false }

    /// Groups that go on in the next segment, and that a full disk holds up at times.
    private func log(compressesBehind isCompressed: (Int) -> Bool) throws -> SimulatedDisk {
        var options = smallOptions()
        options.firstSegmentByteCount = 256 << 10
        options.segmentByteCount = 256 << 10
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        var refusedCount = 0
        for (number, batch) in Self.batches(180).enumerated() {
            _ = try log.writer.stage(batch)
            if isCompressed(number) { log.writer.compressFullFrames() }
            guard number % 90 == 89, let group = log.writer.closeGroup() else { continue }
            disk.capacity = 600_000
            do throws(EventLogError) {
                _ = try log.committer.commit(group)
            } catch {
                #expect(error.code == .noSpace)
                refusedCount += 1
                disk.capacity = .max
                _ = try log.committer.commit(group)
            }
            disk.capacity = .max
            // Looks whether there is space again.
            try log.committer.syncMark()
        }
        #expect(refusedCount > 0)
        try log.committer.close()
        return disk
    }

    @Test
    func `given frames that are compressed ahead, when committed, then every byte is the same`()
        throws
    {
        let expected = try log(compressesBehind: Self.isNever)
        let segments = expected.fileNames.filter { $0.hasSuffix(".seg") }
        #expect(segments.count >= 3)
        let frames = segments.indices.flatMap { expected.frames(ofSegment: UInt64($0) + 1) }
        #expect(frames.contains { $0.codec == .none && $0.kind == .batches })
        #expect(frames.contains { $0.codec == .lz4 && $0.batchCount > 1 })
        for isCompressed in [Self.isAlways, Self.isAtTimes] {
            let disk = try log(compressesBehind: isCompressed)
            #expect(disk.fileNames == expected.fileNames)
            for name in expected.fileNames {
                #expect(disk.bytes(name) == expected.bytes(name), "\(name)")
            }
        }
    }

    @Test func `given a group, when frames are compressed ahead, then the last one waits for more`()
        throws
    {
        let log = try LogDirectory.create(
            storage: SimulatedDisk(), options: EventLogOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        let word = String(repeating: "book ", count: 4_000)
        for _ in 0..<7 { _ = try log.writer.stage(batch(event(payload: word))) }
        log.writer.compressFullFrames()
        let group = try #require(log.writer.closeGroup())
        let isCompressed = group.frames.map { draft in
            if case .compressed = draft.preparation { true } else { false }
        }
        // Three batches of 20 KB share a frame.
        #expect(group.frames.map(\.batchCount) == [3, 3, 1])
        #expect(isCompressed == [true, true, false])
        #expect(try log.committer.commit(group).batchNumber == 7)
        #expect(try log.reader.read(.all).count == 7)
    }
}
