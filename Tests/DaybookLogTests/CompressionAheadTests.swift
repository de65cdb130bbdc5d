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

    private func log(
        _ codec: EventLogOptions.Codec, compressesBehind isCompressed: (Int) -> Bool
    ) throws -> SimulatedDisk {
        var options = smallOptions(codec: codec)
        options.firstSegmentByteCount = 1 << 20
        options.segmentByteCount = 1 << 20
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for (number, batch) in Self.batches(90).enumerated() {
            _ = try log.writer.stage(batch)
            if isCompressed(number) { log.writer.compressFullFrames(codec) }
            guard number % 30 == 29, let group = log.writer.closeGroup() else { continue }
            _ = try log.committer.commit(group)
        }
        try log.committer.close()
        return disk
    }

    @Test(arguments: [EventLogOptions.Codec.lz4, .none])
    func `given full frames that are compressed ahead, when committed, then every byte is the same`(
        codec: EventLogOptions.Codec
    ) throws {
        let expected = try log(codec, compressesBehind: Self.isNever)
        let frames = (1...3).flatMap { expected.frames(ofSegment: $0) }
        #expect(frames.contains { $0.codec == .none && $0.kind == .batches })
        #expect(frames.contains { $0.codec == .lz4 } == (codec == .lz4))
        for isCompressed in [Self.isAlways, Self.isAtTimes] {
            let disk = try log(codec, compressesBehind: isCompressed)
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
        log.writer.compressFullFrames(.lz4)
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
