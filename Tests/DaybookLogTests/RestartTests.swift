import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

private func name(_ number: UInt64) -> String { LogFileName.segment(number) }

private func create(_ disk: SimulatedDisk, _ options: EventLogOptions) throws -> OpenedLog {
    try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

private func open(_ storage: any Storage, _ options: EventLogOptions) throws -> OpenedLog {
    try LogDirectory.open(
        storage: storage, options: options, hash: .sha256, clock: TestClock().read)
}

private func append(_ log: OpenedLog, _ count: Int) throws {
    for number in 1...count { try log.append(batch(event(order: UInt128(number)))) }
}

private func findings(_ disk: SimulatedDisk) throws -> [DamageFinding] {
    try LogVerifier.verify(storage: disk, hash: .sha256).findings
}

/// Openings that meet something rare.
@Suite struct `Restarts` {
    private let options = smallOptions(codec: .none)

    private func options(schema: Int) -> EventLogOptions {
        var options = options
        options.schema = (0..<schema).map { UInt8($0 % 251) }
        return options
    }

    @Test
    func
        `given a schema that does not fit any more, when appended, then the next segment begins with it`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, options)
        while log.committer.active.usableByteCount > 2_000 { try append(log, 1) }
        let count = log.reader.head.position.rawValue
        try log.committer.close()
        let again = try open(disk, options(schema: 3_000))
        #expect(again.reader.statistics.segmentCount == 1)
        try append(again, 1)
        #expect(again.reader.statistics.segmentCount == 2)
        #expect(again.reader.head.position == position(count + 1))
        let second = disk.frames(ofSegment: 2)
        #expect(second.map(\.kind) == [.note, .batches])
        try again.committer.close()
        #expect(try findings(disk) == [])
    }

    @Test
    func
        `given a schema and a batch whose sync failed, when opened again, then the batch survives`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, options)
        try append(log, 1)
        try log.committer.close()
        let again = try open(disk, options(schema: 40))
        disk.fail(.sync, with: EIO, file: name(1))
        #expect(throws: EventLogError.self) { try append(again, 1) }
        let after = disk.killed()
        let last = try open(after, options(schema: 40))
        #expect(last.recovery.continuedAfterFailure)
        #expect(last.reader.head.position == position(2))
        try append(last, 1)
        try last.committer.close()
        #expect(try findings(after) == [])
        #expect(try open(after, options).reader.read(.all).count == 3)
    }

    @Test
    func `given a torn write that cannot be read again, when opened, then it is kept, not cleared`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, options)
        try append(log, 3)
        let end = log.committer.active.durable.byteOffset
        let torn = disk.killed()
        torn.change(name(1)) { $0.put(UInt64.max, at: Int(end) + 40) }
        let before = torn.bytes(name(1))
        let storage = ScriptedStorage(torn) { read in
            read.file == name(1) && read.mode == .update && read.offset >= end ? 0 : nil
        }
        let error = #expect(throws: EventLogError.self) { try open(storage, options) }
        #expect(error?.code == .io)
        #expect(error?.message.contains("ended while it was copied") == true)
        #expect(torn.bytes(name(1)) == before)
        torn.dropLock()
        let again = try open(torn, options)
        #expect(again.recovery.quarantined?.byteRange == end..<(end + 48))
        #expect(again.reader.head.position == position(3))
    }

    @Test
    func `given indexes that are not wanted in the background, then there is no thread for them`()
        throws
    {
        var options = options
        options.indexesInBackground = false
        #expect(try create(SimulatedDisk(), options).indexer == nil)
    }

    /// A log whose last segment is sealed, as between the two halves of a rotation.
    private func rotating(_ change: (inout CommitMark) -> Void = { _ in }) throws
        -> (SimulatedDisk, last: UInt64)
    {
        let disk = try closedLog()
        let count = UInt64(disk.fileNames.filter { $0.hasPrefix("log-") }.count)
        disk.remove(name(count))
        let frames = disk.frames(ofSegment: count - 1)
        disk.setMark(after: frames[frames.count - 2], segment: count - 1, change)
        return (disk, count - 1)
    }

    @Test func `given a mark behind the last seal, when opened and verified, then it is damage`()
        throws
    {
        let (disk, last) = try rotating { $0.durableOffset += 64 }
        let error = #expect(throws: EventLogError.self) { try open(disk, options) }
        #expect(error?.finding?.segment == last)
        #expect(error?.finding?.evidence.hasSuffix("-beyond-seal") == true)
        #expect(try !findings(disk).isEmpty)
    }

    @Test func `given a last seal that cannot be opened, when opened, then that is the error`()
        throws
    {
        let (disk, last) = try rotating()
        // The first time it is read, the second time it is made durable.
        disk.fail(.open, with: EIO, file: name(last), after: 1)
        let error = #expect(throws: EventLogError.self) { try open(disk, options) }
        #expect(error?.errno == EIO)
        #expect(!disk.fileNames.contains(name(last + 1)))
        let log = try open(disk, options)
        #expect(log.recovery.finishedRotation)
        #expect(log.reader.statistics.segmentCount == Int(last) + 1)
    }

    @Test
    func
        `given both slots of the mark damaged under a writer, when appended, then the mark is made anew`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(durability: .marked))
        try append(log, 2)
        disk.flip("MARK", byte: 60, bit: 1)
        disk.flip("MARK", byte: 4_096 + 60, bit: 1)
        try append(log, 2)
        let again = try open(disk.crashed(SimulatedDisk.losesPending), options)
        #expect(again.reader.head.position == position(4))
        #expect(!again.recovery.restoredMarkSlot && !again.recovery.restoredMark)
    }

    @Test
    func `given a failed sync and a flipped bit, when repaired, then the log goes on behind both`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, options)
        try append(log, 60)
        let active = log.reader.statistics.segmentCount
        #expect(active > 1)
        disk.fail(.sync, with: EIO, file: name(UInt64(active)))
        #expect(throws: EventLogError.self) { try append(log, 1) }
        let after = disk.killed()
        let original = after.bytes(name(1))
        after.flip(name(1), byte: Int(after.frames(ofSegment: 1)[2].byteOffset) + 140, bit: 2)
        let outcome = try LogRepair(
            storage: after, options: options, hash: .sha256, clock: TestClock().read, evidence: []
        ).run(LogRepair.Decision(operatorName: "ada", reason: "a test"))
        #expect(after.bytes(name(1)) == original)
        let recovery = try #require(outcome.recovery)
        #expect(recovery.continuedAfterFailure)
        #expect(recovery.head.position == position(61))
        #expect(recovery.description.contains(", recorded a repair"))
        #expect(try findings(after) == [])
        let reader = try LogReader.openReadOnly(storage: after, hash: .sha256)
        #expect(try reader.records().map(\.operatorName) == ["ada"])
        #expect(try reader.read(.all).count == 61)
    }

    @Test
    func
        `given damage in a segment that the mark does not name yet, when opened, then it is refused`()
        throws
    {
        let disk = try closedLog()
        let last = UInt64(disk.fileNames.filter { $0.hasPrefix("log-") }.count)
        let before = disk.frames(ofSegment: last - 1)
        disk.setMark(after: before[before.count - 2], segment: last - 1)
        let frames = disk.frames(ofSegment: last)
        disk.rewriteFrame(frames[2], segment: last, after: frames[1].chain) { $0[44] += 1 }
        let error = #expect(throws: EventLogError.self) { try open(disk, options) }
        #expect(error?.finding?.byteRange == frames[2].byteOffset..<frames[3].byteOffset)
        #expect(error?.finding?.evidence.hasPrefix("content(fewer than") == true)
    }
}

/// What a writer keeps in memory, and gives up.
@Suite struct `Memory of a writer` {
    @Test func `given many groups in flight, when they are durable, then a few buffers are kept`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions())
        let groups = try (1...7).map { number in
            _ = try log.writer.stage(batch(event(order: UInt128(number))))
            return try #require(log.writer.closeGroup())
        }
        for group in groups { _ = try log.committer.commit(group) }
        #expect(log.writer.closeGroup() == nil)
        try append(log, 7)
        #expect(try log.reader.read(.all).count == 14)
    }

    @Test
    func
        `given conditions across segments, when indexes are written, then each conflict is found still`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        func conflict(_ order: UInt128) throws -> AppendResult {
            try log.append(
                batch(event("Paid", order: order)),
                when: .nothingMatches(.tag(OrderID(rawValue: order).tag)))
        }
        for number in 1...120 as ClosedRange<UInt128> {
            try log.append(
                batch(event(order: number)),
                when: .nothingMatches(.tag(OrderID(rawValue: number).tag)))
            if number % 40 == 0 { try indexAll(log.reader) }
        }
        #expect(log.reader.statistics.segmentCount > 3)
        try indexAll(log.reader)
        for number in [1, 39, 80, 119, 120] as [UInt64] {
            #expect(
                try conflict(UInt128(number))
                    == .conflict(firstConflictingPosition: position(number)))
        }
    }

    @Test
    func
        `given more types in flight than an index can hold, when a condition comes, then it is an error, and appending goes on without one`()
        throws
    {
        var options = smallOptions()
        options.firstSegmentByteCount = 4 << 20
        options.segmentByteCount = 4 << 20
        let log = try create(SimulatedDisk(), options)
        let condition = AppendCondition.nothingMatches(.tag(OrderID(rawValue: 99).tag))
        try append(log, 1)
        try log.append(batch(event()), when: condition)
        var next = 0
        for _ in 0..<257 {
            let events = (0..<256).map { _ in
                next += 1
                return ProposedEvent(
                    type: EventType(rawValue: "T\(next)"), tags: [], payload: [])
            }
            _ = try log.writer.stage(ProposedBatch(metadata: metadata(), events: events))
        }
        let error = #expect(throws: EventLogError.self) {
            try log.writer.stage(batch(event()), when: condition)
        }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("65,535 event types") == true)
        let group = try #require(log.writer.closeGroup())
        _ = try log.committer.commit(group)
        // Without a condition nothing is indexed, and nothing stands in the way.
        #expect(log.reader.head.position == position(UInt64(2 + 257 * 256)))
        try append(log, 1)
    }
}
