import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

private let segment = "log-00000000000000000001.seg"

private func create(_ disk: SimulatedDisk, _ options: EventLogOptions = smallOptions()) throws
    -> OpenedLog
{
    try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

private func open(_ disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
    try LogDirectory.open(
        storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

@Suite struct `Faults of the disk` {
    @Test(arguments: [SimulatedDisk.Call.write, .sync], [true, false])
    func
        `given EIO on a write or a sync, then nothing more is acknowledged, no sync is tried again, and a restart goes on in a fresh segment`(
            call: SimulatedDisk.Call, bytesReachDisk: Bool
        ) throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        try log.append(batch(event(order: 1)))
        disk.fail(call, with: EIO, file: segment)
        let first = #expect(throws: EventLogError.self) { try log.append(batch(event(order: 2))) }
        #expect(first?.code == .io)
        #expect(log.reader.head.position == position(1))
        let syncCount = disk.syncCount
        let second = #expect(throws: EventLogError.self) { try log.append(batch(event(order: 3))) }
        #expect(second?.code == .poisoned)
        #expect(disk.syncCount == syncCount)

        let after = bytesReachDisk ? disk.killed() : disk.crashed(SimulatedDisk.losesPending)
        let again = try open(after)
        #expect(again.recovery.continuedAfterFailure)
        #expect(after.fileNames.contains("log-00000000000000000002.seg"))
        let survivors: UInt64 = call == .sync && bytesReachDisk ? 2 : 1
        #expect(again.reader.head.position == position(survivors))
        #expect(
            try again.append(batch(event(order: 4)))
                == .appended(position(survivors + 1)...position(survivors + 1)))
        try again.committer.close()
        #expect(try LogVerifier.verify(storage: after, hash: .sha256).findings == [])
        #expect(try open(after).reader.read(.all).count == Int(survivors) + 1)
    }

    @Test func `given a failing mark, then the group is not acknowledged and the log is poisoned`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        disk.fail(.write, with: EIO, file: "MARK")
        #expect(throws: EventLogError.self) { try log.append(batch(event())) }
        #expect(log.reader.head.position == .start)
        #expect(throws: EventLogError.self) { try log.append(batch(event())) }
    }

    @Test
    func
        `given a mark whose sync fails, then it is not synced again, and after a restart the group is there or not, whole`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(durability: .marked))
        try log.append(batch(event(order: 1)))
        disk.fail(.sync, with: EIO, file: "MARK")
        let before = disk.syncCount
        let error = #expect(throws: EventLogError.self) { try log.append(batch(event(order: 2))) }
        #expect(error?.code == .io)
        // The data's, and the mark's that failed.
        #expect(disk.syncCount == before + 2)
        #expect(log.reader.head.position == position(1))
        #expect(try open(disk.killed()).reader.head.position == position(2))
        let after = disk.crashed(SimulatedDisk.losesPending)
        #expect(try open(after).reader.head.position == position(2))
    }

    @Test
    func
        `given a mark that is cut while the log is open, then it goes on, and the next start says so`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        try log.append(batch(event(order: 1)))
        try disk.open("MARK", .update).truncate(to: 3)
        try log.append(batch(event(order: 2)))
        try log.append(batch(event(order: 3)))
        try log.committer.close()
        let error = #expect(throws: EventLogError.self) { try open(disk) }
        #expect(error?.code == .damaged)
        #expect(error?.file == "MARK")
    }

    @Test func `given writes that accept only a few bytes, then the group is written whole`() throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        disk.longestWrite = 7
        try log.append(batch(event(order: 1), event("Paid", order: 1)))
        #expect(try log.reader.read(.all).map(\.type) == ["OrderPlaced", "Paid"])
        try log.committer.close()
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
    }

    @Test
    func
        `given no space for the next segment, then appends are refused before anything is accepted, reads go on, and appends resume when space returns`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        disk.capacity = 40_000 - 16_384
        var accepted = 0
        var refusal: EventLogError?
        while refusal == nil, accepted < 1000 {
            do throws(EventLogError) {
                _ = try log.writer.stage(batch(event(order: UInt128(accepted))))
                if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
                accepted += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .noSpace)
        #expect(accepted > 20)
        #expect(log.writer.stagedHead.rawValue == UInt64(accepted))
        #expect(log.writer.closeGroup() == nil)
        #expect(try log.reader.read(.all).count == accepted)
        disk.capacity = .max
        try log.committer.syncMark()
        try log.append(batch(event()))
        #expect(log.reader.head.position.rawValue == UInt64(accepted) + 1)
    }

    @Test
    func
        `given a group that needs the next segment on a full disk, then the same group is committed once there is space`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        disk.capacity = 10_000
        for number in 1...60 {
            _ = try log.writer.stage(
                batch(event(order: UInt128(number), payload: String(repeating: "p", count: 300))))
        }
        let group = try #require(log.writer.closeGroup())
        let refusal = #expect(throws: EventLogError.self) { try log.committer.commit(group) }
        #expect(refusal?.code == .noSpace)
        let staged = #expect(throws: EventLogError.self) { try log.writer.stage(batch(event())) }
        #expect(staged?.code == .noSpace)
        disk.capacity = .max
        #expect(try log.committer.commit(group).position == position(60))
        #expect(try log.writer.stage(batch(event())) == .appended(position(61)...position(61)))
        #expect(try log.reader.read(.all).count == 60)
    }

    @Test
    func
        `given a second writer that took the log over, then the older one stops itself before it writes`()
        throws
    {
        let disk = SimulatedDisk()
        let older = try create(disk)
        try older.append(batch(event()))
        disk.dropLock()
        let newer = try open(disk)
        let error = #expect(throws: EventLogError.self) { try older.append(batch(event())) }
        #expect(error?.code == .fenced)
        try newer.append(batch(event("Paid")))
        #expect(try newer.reader.read(.all).map(\.type) == ["OrderPlaced", "Paid"])
        try newer.committer.close()
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).isSound)
    }

    @Test
    func `given a read error while opening, then it is an error and never the end of the data`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        for _ in 1...60 { try log.append(batch(event())) }
        try log.committer.close()
        var failureCount = 0
        while true {
            let copy = disk.killed()
            copy.fail(.read, with: EIO, after: failureCount, for: true)
            do throws(EventLogError) {
                _ = try open(copy)
                break
            } catch {
                #expect(error.code == .io, "read \(failureCount)")
            }
            copy.heal()
            #expect(try open(copy).reader.head.position == position(60))
            failureCount += 1
        }
        #expect(failureCount > 10)
    }

    @Test func `given a wall clock that goes back, then frame times stay and the frame is flagged`()
        throws
    {
        let disk = SimulatedDisk()
        let clock = TestClock()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: clock.read,
            newLogID: testLogID, salt: testSalt)
        try log.append(batch(event()))
        clock.advance(microseconds: -3_600_000_000)
        try log.append(batch(event()))
        #expect(log.reader.statistics.lastTime == Instant(microseconds: 1_700_000_000_000_000))
        try log.committer.close()
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
        let second = Array(disk.bytes(segment)[4096...]).withUnsafeBytes { bytes -> FrameHeader? in
            guard let first = try? FrameHeader(decoding: bytes) else { return nil }
            return try? FrameHeader(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[Int(first.frameByteCount)...]))
        }
        #expect(second?.flags == FrameHeader.clockWentBack)
    }

    @Test
    func
        `given the mark of a lazy log, then it is synced when 50 milliseconds passed or nothing comes any more`()
        throws
    {
        let disk = SimulatedDisk()
        let clock = TestClock()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: clock.read,
            newLogID: testLogID, salt: testSalt)
        func syncs(_ body: () throws -> Void) rethrows -> Int {
            let before = disk.syncCount
            try body()
            return disk.syncCount - before
        }
        #expect(try syncs { try log.append(batch(event())) } == 1)
        clock.advance(microseconds: 49_999)
        #expect(try syncs { try log.append(batch(event())) } == 1)
        clock.advance(microseconds: 1)
        #expect(try syncs { try log.append(batch(event())) } == 2)
        #expect(try syncs { try log.append(batch(event())) } == 1)
        #expect(try syncs { try log.committer.syncMark() } == 1)
        #expect(try syncs { try log.committer.syncMark() } == 0)
    }

    @Test
    func
        `given a marked log, then every group syncs its bytes and its mark, and a power cut after that loses neither`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(durability: .marked))
        for number in 1...3 {
            let before = disk.syncCount
            try log.append(batch(event(order: UInt128(number))))
            #expect(disk.syncCount == before + 2)
        }
        let after = disk.crashed(names: false, SimulatedDisk.losesPending)
        let again = try open(after)
        #expect(again.reader.head.position == position(3))
        #expect(again.recovery.rewrittenByteCount == 0)
        // The mark vouches for the last group, so damage of it cannot pass for a torn write.
        let damaged = disk.crashed(names: false, SimulatedDisk.losesPending)
        let last = damaged.bytes(segment).lastIndex { $0 != 0 } ?? 0
        damaged.flip(segment, byte: last, bit: 0)
        let error = #expect(throws: EventLogError.self) { try open(damaged) }
        #expect(error?.code == .damaged)
        #expect(error?.positions == position(3)...position(3))
    }
}
