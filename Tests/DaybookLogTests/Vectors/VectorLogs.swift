import DaybookCore

@testable import DaybookLog

extension Vector {
    static let threeBatchesName = "101-three-batches"
    static let severalSegmentsName = "102-several-segments"

    /// Whole logs; the others differ from one of them.
    static func logs() throws -> [Vector] {
        [
            Vector(
                name: threeBatchesName, about: "The log that FORMAT.md prints, closed.",
                content: .log(try threeBatches())),
            Vector(
                name: severalSegmentsName,
                about: "Two sealed segments and an active one, each with a note; closed.",
                content: .log(try severalSegments())),
            Vector(
                name: "103-compressed", about: "One segment, its frames LZ4 blocks; closed.",
                content: .log(try compressed()), isReproducible: false),
        ]
    }

    static func threeBatches() throws -> SimulatedDisk {
        withoutLock(try `Worked example of FORMAT`.log())
    }

    static func severalSegments() throws -> SimulatedDisk {
        var options = smallOptions(codec: .none)
        options.schema = Array("a FileDescriptorSet".utf8)
        return try log(options, batchCount: 26) { number in
            batch(
                event(order: UInt128(number), payload: filler(number, 240)),
                event("OrderShipped", payload: ""), key: "key \(number)")
        }
    }

    private static func compressed() throws -> SimulatedDisk {
        var options = smallOptions(codec: .lz4)
        options.schema = Array(filler(0, 400).utf8)
        return try log(options, batchCount: 9) { number in
            batch(event(order: UInt128(number), payload: filler(number, 300)))
        }
    }

    private static func filler(_ number: Int, _ count: Int) -> String {
        String(repeating: "payload of order \(number), ", count: count / 20)
    }

    private static func log(
        _ options: EventLogOptions, batchCount: Int, _ batch: (Int) -> ProposedBatch
    ) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let clock = TestClock()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: clock.read,
            newLogID: testLogID, salt: testSalt)
        for number in 1...batchCount {
            clock.advance(microseconds: 1_000)
            try log.append(batch(number))
        }
        try log.committer.close()
        return withoutLock(disk)
    }

    /// The lock's text names a process.
    private static func withoutLock(_ disk: SimulatedDisk) -> SimulatedDisk {
        disk.remove(LogFileName.lock)
        disk.remove(LogFileName.spare)
        return disk
    }
}
