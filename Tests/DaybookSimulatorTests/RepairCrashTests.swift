import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookSimulator
import Testing

/// A repair that is cut off at every call, and goes on.
@Suite struct `Crashes while repairing` {
    private static let time = Instant(microseconds: 1_700_000_000_000_000)
    private static let name = "log-00000000000000000001.seg"

    private static func closedLog() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: { time },
            newLogID: LogID(rawValue: 7), salt: .zero)
        for number in 1...40 {
            _ = try log.writer.stage(
                ProposedBatch(
                    metadata: BatchMetadata(recordedAt: time, actor: .system, command: "Place"),
                    events: [
                        ProposedEvent(
                            type: "Placed", tags: [],
                            payload: Array(
                                repeating: UInt8(truncatingIfNeeded: number), count: 300))
                    ]))
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
        try log.committer.close()
        return disk
    }

    private static var options: EventLogOptions {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.codec = .none
        options.schema = Array("schema".utf8)
        return options
    }

    private static func repair(_ disk: SimulatedDisk, accepting count: UInt64?) throws {
        var decision = LogRepair.Decision(operatorName: "ada", reason: "a test")
        decision.acceptedPositionCount = count
        _ = try LogRepair(storage: disk, options: options, hash: .sha256, clock: { time })
            .run(decision)
    }

    @Test(arguments: [CrashModel.nothing, .everything, .prefix])
    func
        `given a flipped bit, when the repair crashes at any call, then the name has the old or the new file, and a second repair ends it`(
            model: CrashModel
        ) throws
    {
        let disk = try Self.closedLog()
        let original = disk.bytes(Self.name)
        disk.damage(Self.name) { $0[5000] ^= 8 }
        let damaged = disk.bytes(Self.name)
        let crashes = Self.crashes(of: disk.killed(), model) { try Self.repair($0, accepting: nil) }
        #expect(crashes.count > 25)
        for (call, crashed) in crashes {
            let found = crashed.bytes(Self.name)
            #expect(found == original || found == damaged, "crash at \(call)")
            try Self.repair(crashed, accepting: nil)
            #expect(crashed.bytes(Self.name) == original, "crash at \(call)")
            let report = try LogVerifier.verify(storage: crashed, hash: .sha256)
            #expect(report.findings == [], "crash at \(call)")
            let reader = try LogReader.openReadOnly(storage: crashed, hash: .sha256)
            #expect(try reader.records().count == 1, "crash at \(call)")
            #expect(!crashed.fileNames.contains("REPAIR"), "crash at \(call)")
        }
    }

    @Test
    func
        `given an accepted loss, when it crashes at any call, then the next start or the same command ends it once`()
        throws
    {
        let disk = try Self.closedLog()
        let last = try #require(disk.fileNames.last { $0.hasPrefix("log-") })
        disk.damage(last) { bytes in for index in 5000..<5600 { bytes[index] ^= 0xFF } }
        let plan = try RepairPlan.make(storage: disk, hash: .sha256)
        let count = try #require(plan.loss?.positionCount)
        let crashes = Self.crashes(of: disk.killed(), .nothing) {
            try Self.repair($0, accepting: count)
        }
        #expect(crashes.count > 30)
        for (call, crashed) in crashes {
            if crashed.fileNames.contains("REPAIR") {
                // Decided: any open for writing goes on.
                let log = try LogDirectory.open(
                    storage: crashed, options: Self.options, hash: .sha256, clock: { Self.time })
                try log.committer.close()
            } else if try RepairPlan.make(storage: crashed, hash: .sha256).loss != nil {
                try Self.repair(crashed, accepting: count)
            }
            let report = try LogVerifier.verify(storage: crashed, hash: .sha256)
            #expect(report.isSound, "crash at \(call): \(report)")
            #expect(report.head?.position.rawValue == 40, "crash at \(call)")
            #expect(report.head?.batchNumber == 40, "crash at \(call)")
            let reader = try LogReader.openReadOnly(storage: crashed, hash: .sha256)
            #expect(try reader.records().map(\.losses.count) == [1], "crash at \(call)")
        }
    }

    /// The disk after a power cut at every call that changes it, before and after.
    private static func crashes(
        of disk: SimulatedDisk, _ model: CrashModel, _ body: (SimulatedDisk) throws -> Void
    ) -> [(String, SimulatedDisk)] {
        var found: [(String, SimulatedDisk)] = []
        disk.observer = { [unowned disk] call, moment in
            guard call.kind.changesDisk else { return }
            let after = disk.crashed(model, chance: Chance(seed: UInt64(call.index)))
            found.append(("\(moment) \(call)", after))
        }
        do { try body(disk) } catch { Issue.record("the repair failed: \(error)") }
        disk.observer = nil
        return found
    }
}

@Suite struct `Every bit` {
    @Test(arguments: [EventLogOptions.Codec.none, .lz4])
    func `given a sample of the flips, when judged, then all are found and named, and repaired`(
        codec: EventLogOptions.Codec
    ) async throws {
        let report = try await BitFlips(codec: codec).run(threads: 2, stride: 1_009)
        #expect(report.failures == [])
        #expect(report.total.cases > 500)
        #expect(report.total.detected == report.total.cases)
        #expect(report.total.named == report.total.cases)
        for place in [BitFlips.Place.frameHeader, .payload] {
            #expect(report.tallies[place]?.refused == 0)
        }
    }
}
