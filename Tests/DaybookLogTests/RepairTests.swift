import DaybookCore
import DaybookLog
import Testing

/// A log with a sealed segment and an active one, closed in good order.
private func twoSegments() throws -> SimulatedDisk { try closedLog(batches: 30) }

private func repair(
    _ disk: SimulatedDisk, accepting count: UInt64? = nil, evidence: [RecoveryEvidence] = []
) throws -> LogRepair.Outcome {
    var options = smallOptions(codec: .none)
    options.schema = Array("schema".utf8)
    var decision = LogRepair.Decision(operatorName: "ada", reason: "a test")
    decision.acceptedPositionCount = count
    return try LogRepair(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        evidence: evidence
    ).run(decision)
}

private let first = "log-00000000000000000001.seg"
private let second = "log-00000000000000000002.seg"

private func frameOffsets(_ bytes: [UInt8]) -> [Int] {
    stride(from: 4096, to: bytes.count - 128, by: 8).filter {
        Array(bytes[$0..<($0 + 4)]) == [0xF5, 0x44, 0x42, 0x46]
    }
}

@Suite struct `Repair` {
    @Test(arguments: [
        (0, 60, 3, "chain-match"), (0, 80, 7, "chain-match"), (0, 105, 0, "known-value"),
        (0, 113, 1, "known-value"), (0, 121, 5, "known-value"), (0, 127, 2, "known-value"),
        (3, 140, 6, "chain-match"), (3, 0, 0, "chain-match"), (3, 9, 4, "chain-match"),
    ])
    func
        `faults 17 and 18 given one flipped bit of a frame, when repaired, then the bytes are the old ones, and the log says so`(
            frame: Int, offset: Int, bit: Int, proof: String
        ) throws
    {
        let disk = try twoSegments()
        let original = disk.bytes(first)
        let byte = frameOffsets(original)[frame] + offset
        disk.flip(first, byte: byte, bit: bit)
        let damaged = disk.bytes(first)
        let outcome = try repair(disk)
        #expect(disk.bytes(first) == original)
        let note = try #require(outcome.note)
        #expect(note.repairs.count == 1)
        #expect(note.repairs[0].file == first)
        #expect(note.repairs[0].byteRange == UInt64(byte)..<UInt64(byte + 1))
        #expect(note.repairs[0].bit == bit)
        #expect(note.repairs[0].proof == proof)
        #expect(note.repairs[0].original == outcome.originals[0])
        #expect(note.operatorName == "ada")
        #expect(disk.bytes(outcome.originals[0]) == damaged)
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
        let reader = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(try reader.records() == [note])
        #expect(!disk.fileNames.contains { $0.hasSuffix(".repaired") || $0 == "REPAIR" })
    }

    @Test
    func `fault 16 given a lost header of a sealed segment, when repaired, then the seal has it`()
        throws
    {
        let disk = try twoSegments()
        let original = disk.bytes(first)
        var bytes = original
        for index in 200..<500 { bytes[index] = 0x55 }
        disk.set(first, bytes)
        let outcome = try repair(disk)
        #expect(disk.bytes(first) == original)
        #expect(outcome.plan.repairable.map(\.repair?.proof) == [.sealCopy])
    }

    @Test
    func `fault 20 given a lost end of a sealed segment, when repaired, then it is built anew`()
        throws
    {
        let disk = try twoSegments()
        let original = disk.bytes(first)
        let seal = try #require(frameOffsets(original).last)
        var bytes = original
        for index in seal..<bytes.count { bytes[index] = 0xAA }
        disk.set(first, bytes)
        let outcome = try repair(disk)
        #expect(disk.bytes(first) == original)
        #expect(outcome.plan.repairable.map(\.repair?.proof) == [.sealDigest])
    }

    @Test
    func `fault 19 given two bits in one payload, when repaired, then refused with the range`()
        throws
    {
        let disk = try twoSegments()
        let frames = frameOffsets(disk.bytes(first))
        disk.flip(first, byte: frames[2] + 130, bit: 1)
        disk.flip(first, byte: frames[2] + 150, bit: 1)
        let damaged = disk.bytes(first)
        let outcome = try repair(disk)
        #expect(disk.bytes(first) == damaged)
        #expect(outcome.originals == [])
        #expect(outcome.plan.refused.count == 1)
        #expect(
            outcome.plan.refused[0].byteRange == UInt64(frames[2])..<UInt64(frames[3]))
        #expect(outcome.plan.loss == nil)
        #expect(outcome.plan.lossObstacle?.contains("backup") == true)
    }

    @Test
    func
        `faults 21 and 22 given one bit in both slots of the mark, when repaired, then both are right`()
        throws
    {
        let disk = try twoSegments()
        let original = disk.bytes("MARK")
        disk.flip("MARK", byte: 50, bit: 0)
        disk.flip("MARK", byte: 4096 + 95, bit: 3)
        let plan = try RepairPlan.make(storage: disk, hash: .sha256)
        #expect(plan.repairable.map(\.repair?.proof) == [.logAgrees, .logAgrees])
        let outcome = try repair(disk)
        #expect(outcome.plan.refused == [])
        #expect(outcome.recovery?.wasClean == true)
        #expect(disk.bytes("MARK").count == original.count)
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
    }

    @Test func `fault 53 given a changed batch with right checksums, when repaired, then refused`()
        throws
    {
        let disk = try twoSegments()
        var bytes = disk.bytes(first)
        let frame = frameOffsets(bytes)[2]
        bytes[frame + 140] ^= 0x20
        let stored = Int(bytes[frame + 8]) + Int(bytes[frame + 9]) << 8
        let payload = bytes[(frame + 128)..<(frame + 128 + stored)]
        store(Array(payload).withUnsafeBytes { Checksum.crc32c($0) }, &bytes, frame + 60)
        let header = Array(bytes[frame..<(frame + 124)])
        store(header.withUnsafeBytes { Checksum.crc32c($0) }, &bytes, frame + 124)
        disk.set(first, bytes)
        let plan = try RepairPlan.make(storage: disk, hash: .sha256)
        #expect(plan.repairable == [])
        #expect(plan.refused.map(\.byteRange.lowerBound) == [UInt64(frame)])
    }

    private func store(_ value: UInt32, _ bytes: inout [UInt8], _ offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }
}

@Suite struct `Accepted loss` {
    /// The third frame with batches of the active segment gets a hole.
    private func hole(_ disk: SimulatedDisk) -> (position: UInt64, range: Range<UInt64>) {
        var bytes = disk.bytes(second)
        let frames = frameOffsets(bytes)
        let position = bytes[(frames[3] + 32)..<(frames[3] + 40)].reversed().reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        for index in (frames[3] + 130)..<(frames[3] + 140) { bytes[index] ^= 0xFF }
        disk.set(second, bytes)
        return (position, UInt64(frames[3])..<UInt64(frames[4]))
    }

    @Test
    func
        `given a hole at the end, when its exact size is confirmed, then the positions are marked lost and never used again`()
        throws
    {
        let disk = try twoSegments()
        let (position, range) = hole(disk)
        let plan = try RepairPlan.make(storage: disk, hash: .sha256)
        #expect(plan.refused.map(\.byteRange) == [range])
        let loss = try #require(plan.loss)
        #expect(loss.firstPosition.rawValue == position)
        #expect(loss.positionCount == 31 - position)
        #expect(loss.batchCount == 31 - position)
        #expect(throws: EventLogError.self) {
            try repair(disk, accepting: loss.positionCount - 1)
        }
        #expect(!disk.fileNames.contains("REPAIR"))
        let outcome = try repair(disk, accepting: loss.positionCount)
        let note = try #require(outcome.note)
        #expect(note.losses.map(\.positionCount) == [loss.positionCount])
        #expect(note.reason == "a test")
        #expect(outcome.originals.count == 2)
        let report = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(report.findings == [])
        #expect(report.head?.position.rawValue == 30)
        #expect(report.head?.batchNumber == 30)
        let log = try LogDirectory.open(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        let lost = try log.reader.read(.all, from: loss.firstPosition)
        #expect(lost.map(\.type) == Array(repeating: .positionLost, count: Int(31 - position)))
        let next = try log.append(batch(event(order: 99)))
        #expect(next == .appended(LogPosition(rawValue: 31)...LogPosition(rawValue: 31)))
    }

    @Test
    func
        `fault 45 given a log that is older than a read model, when the loss is accepted, then it goes on behind it`()
        throws
    {
        let disk = try twoSegments()
        let ahead = RecoveryEvidence(
            name: "orders.sqlite", position: LogPosition(rawValue: 33), chain: testSalt)
        let plan = try RepairPlan.make(storage: disk, hash: .sha256, evidence: [ahead])
        #expect(plan.loss?.positionCount == 3)
        let outcome = try repair(disk, accepting: 3, evidence: [ahead])
        #expect(outcome.recovery?.head.position.rawValue == 33)
        let log = try LogDirectory.open(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            evidence: [ahead])
        #expect(log.recovery.foreignEvidence == ["orders.sqlite"])
    }

    @Test
    func `fault 32 given a lost last segment, when the loss is accepted, then the next one begins`()
        throws
    {
        let disk = try twoSegments()
        disk.remove(second)
        let loss = try #require(try RepairPlan.make(storage: disk, hash: .sha256).loss)
        #expect(loss.firstPosition.rawValue + loss.positionCount == 31)
        _ = try repair(disk, accepting: loss.positionCount)
        let report = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(report.findings == [])
        #expect(report.head?.position.rawValue == 30)
    }

    /// The header of the last segment is lost, and the mark does not name the segment yet.
    @Test
    func
        `given a last segment without a header, when its loss is planned, then the frames in it count`()
        throws
    {
        let disk = try twoSegments()
        let before = disk.frames(ofSegment: 1)
        let lost = disk.frames(ofSegment: 2).filter { $0.kind == .batches }
        disk.setMark(after: before[before.count - 2], segment: 1)
        disk.change(second) { bytes in for index in 300..<340 { bytes[index] ^= 0x5A } }
        let loss = try #require(try RepairPlan.make(storage: disk, hash: .sha256).loss)
        #expect(loss.firstPosition == lost.first?.firstPosition)
        #expect(loss.positionCount == UInt64(lost.count))
        #expect(loss.batchCount == UInt64(lost.count))
        _ = try repair(disk, accepting: loss.positionCount)
        let report = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(report.findings == [])
        #expect(report.head?.position.rawValue == 30)
    }

    @Test func `fault 22 given no mark at all, when accepted, then nothing is lost but the proof`()
        throws
    {
        let disk = try twoSegments()
        disk.remove("MARK")
        let plan = try RepairPlan.make(storage: disk, hash: .sha256)
        #expect(plan.refused.map(\.evidence) == ["no-mark-file"])
        #expect(plan.loss?.positionCount == 0)
        let outcome = try repair(disk, accepting: 0)
        #expect(outcome.recovery?.head.position.rawValue == 30)
        #expect(outcome.note?.losses.count == 1)
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
    }
}
