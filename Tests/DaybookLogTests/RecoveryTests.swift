import DaybookCore
import Testing

@testable import DaybookLog

private let segment = "log-00000000000000000001.seg"

private func open(_ disk: SimulatedDisk, evidence: [RecoveryEvidence] = []) throws -> OpenedLog {
    try LogDirectory.open(
        storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
        evidence: evidence)
}

private func create(_ disk: SimulatedDisk, options: EventLogOptions = smallOptions(codec: .none))
    throws -> OpenedLog
{
    try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

/// Applies the first `count` bytes of what was pending in one file; other files lose what is
/// pending.
private func prefix(_ count: Int, of file: String) -> SimulatedDisk.Survival {
    { name, durable, pending in
        guard name == file else { return durable }
        var bytes = durable
        var rest = count
        for write in pending {
            let part = write.bytes.prefix(rest)
            bytes.replaceSubrange(write.offset..<(write.offset + part.count), with: part)
            rest -= part.count
        }
        return bytes
    }
}

@Suite struct `Recovery after a crash` {
    /// One durable batch, then three frames that were written but not synced.
    private func threeUnsyncedFrames() throws
        -> (disk: SimulatedDisk, start: Int, ends: [Int], frameByteCount: Int)
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        try log.append(batch(event(order: 1)))
        let start = disk.bytes(segment).lastIndex { $0 != 0 }.map { ($0 + 8) & ~7 } ?? 0
        // Three frames in one group: each batch is longer than half of what a frame is shared up
        // to.
        for number in 2...4 {
            _ = try log.writer.stage(
                batch(event(order: UInt128(number), payload: String(repeating: "x", count: 500))))
        }
        let staged = try #require(log.writer.closeGroup())
        // As if they had come one after another before the sync: one frame a batch.
        let raw = staged.raw.bytes
        var offset = 0
        staged.frames = (0..<3).map { index in
            let next = index == 2 ? raw.count : raw.count / 3 * (index + 1)
            defer { offset = next }
            return StagedGroup.FrameDraft(
                rawRange: offset..<next, firstBatchNumber: UInt64(index) + 2,
                firstPosition: position(UInt64(index) + 2), batchCount: 1, eventCount: 1)
        }
        // The power fails after the write and before the sync.
        disk.fail(.write, with: 5, after: 1, for: true)
        disk.fail(.sync, with: 5, for: true)
        #expect(throws: EventLogError.self) { try log.committer.commit(staged) }
        let bytes = disk.bytes(segment)
        let frameByteCount = ((bytes.lastIndex { $0 != 0 }.map { ($0 + 8) & ~7 } ?? 0) - start) / 3
        // A frame is whole with its last byte that is not zero: the zeros behind it were there
        // before.
        let ends = (1...3).map { number in
            (bytes[..<(start + number * frameByteCount)].lastIndex { $0 != 0 } ?? 0) + 1 - start
        }
        return (disk, start, ends, frameByteCount)
    }

    @Test
    func
        `given three unsynced frames, when the power fails after any byte, then whole frames are kept and the rest goes to quarantine`()
        throws
    {
        let (disk, start, ends, frameByteCount) = try threeUnsyncedFrames()
        #expect(frameByteCount > 600)
        for cut in 0...ends[2] {
            let after = disk.crashed(prefix(cut, of: segment))
            let wholeFrames = ends.filter { $0 <= cut }.count
            let end = start + wholeFrames * frameByteCount
            let residue = after.bytes(segment)[end...].lastIndex { $0 != 0 }.map { end..<($0 + 1) }
            let log = try open(after)
            #expect(log.reader.head.position.rawValue == UInt64(1 + wholeFrames), "cut \(cut)")
            #expect(
                log.recovery.quarantined?.byteRange
                    == residue.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }, "cut \(cut)")
            if let residue, let file = log.recovery.quarantined?.file {
                #expect(after.bytes(file).count == residue.count)
            }
            #expect(try log.reader.read(.all).count == 1 + wholeFrames)
            try log.append(batch(event(order: 9)))
            try log.committer.close()
            #expect(try LogVerifier.verify(storage: after, hash: .sha256).findings == [])
        }
    }

    /// `daybook verify` called a torn group CORRUPT when a frame header of it was readable.
    @Test
    func
        `given three unsynced frames, when the power fails with any sectors of them, then verifying finds a torn write at most`()
        throws
    {
        let (disk, start, _, frameByteCount) = try threeUnsyncedFrames()
        let sectors = start / 512...(start + 3 * frameByteCount) / 512
        for kept in 0..<(1 << sectors.count) {
            let after = disk.crashed { name, durable, pending in
                guard name == segment else { return durable }
                var bytes = durable
                for write in pending {
                    for (index, byte) in write.bytes.enumerated()
                    where kept >> ((write.offset + index) / 512 - sectors.lowerBound) & 1 == 1 {
                        bytes[write.offset + index] = byte
                    }
                }
                return bytes
            }
            let report = try LogVerifier.verify(storage: after, hash: .sha256)
            #expect(report.isSound, "sectors \(String(kept, radix: 2)): \(report)")
            _ = try open(after)
            #expect(try LogVerifier.verify(storage: after, hash: .sha256).findings.isEmpty)
        }
    }

    @Test
    func
        `given unsynced frames, when any subset of their sectors reaches the disk, then the log opens without a refusal`()
        throws
    {
        let (disk, _, _, frameByteCount) = try threeUnsyncedFrames()
        let sectorCount = frameByteCount * 3 / 512 + 2
        #expect(sectorCount < 8)
        for subset in 0..<(1 << sectorCount) {
            let after = disk.crashed { name, durable, pending in
                guard name == segment, let write = pending.first else { return durable }
                var bytes = durable
                for sector in 0..<sectorCount where subset >> sector & 1 == 1 {
                    let start = (write.offset / 512 + sector) * 512
                    for index in start..<min(start + 512, bytes.count)
                    where index >= write.offset && index < write.offset + write.bytes.count {
                        bytes[index] = write.bytes[index - write.offset]
                    }
                }
                return bytes
            }
            let log = try open(after)
            #expect((1...4).contains(log.reader.head.position.rawValue), "subset \(subset)")
            try log.committer.close()
            #expect(try LogVerifier.verify(storage: after, hash: .sha256).isSound)
        }
    }

    @Test
    func
        `given a killed process, when reopened, then everything acknowledged is there and the epoch is the next one`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        for number in 1...5 { try log.append(batch(event(order: UInt128(number)))) }
        let after = disk.killed()
        let again = try open(after)
        #expect(again.reader.head.position == position(5))
        #expect(again.recovery.wasClean == false)
        #expect(again.recovery.writerEpoch == 2)
        #expect(again.recovery.quarantined == nil)
    }

    @Test
    func
        `given a power cut that loses the unsynced mark, when reopened, then complete frames are written again and kept`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        try log.append(batch(event()))
        let after = disk.crashed(SimulatedDisk.losesPending)
        let again = try open(after)
        #expect(again.reader.head.position == position(1))
        #expect(again.recovery.rewrittenByteCount > 0)
    }

    @Test
    func
        `given a rotation that stops after any of its calls, when reopened, then nothing acknowledged is lost`()
        throws
    {
        for call in [
            SimulatedDisk.Call.write, .sync, .truncate, .syncAll, .rename, .syncDirectory, .open,
        ] {
            for skipped in 0..<12 {
                for loses in [true, false] {
                    let disk = SimulatedDisk()
                    let log = try create(disk)
                    var acknowledged = 0
                    // The fault comes while the first segment's end is near.
                    while disk.bytes("spare.seg").isEmpty || acknowledged < 14 {
                        try log.append(batch(event(order: UInt128(acknowledged + 1))))
                        acknowledged += 1
                    }
                    disk.fail(call, with: 5, after: skipped, for: true)
                    while acknowledged < 60 {
                        do { try log.append(batch(event())) } catch { break }
                        acknowledged += 1
                    }
                    let after =
                        loses
                        ? disk.crashed(names: false, SimulatedDisk.losesPending) : disk.killed()
                    let again = try open(after)
                    let head = Int(again.reader.head.position.rawValue)
                    #expect(
                        head >= acknowledged && head <= acknowledged + 1,
                        "\(call) \(skipped) \(loses)")
                    try again.append(batch(event()))
                    #expect(try again.reader.read(.all).count == head + 1)
                    try again.committer.close()
                    #expect(try LogVerifier.verify(storage: after, hash: .sha256).findings == [])
                }
            }
        }
    }

    @Test
    func
        `given a recovery that fails at any of its calls, when tried again, then it comes to the same end`()
        throws
    {
        let (torn, start, ends, _) = try threeUnsyncedFrames()
        let tornImage = torn.crashed(prefix(ends[1] + 50, of: segment))
        let poisoned = SimulatedDisk()
        let log = try create(poisoned)
        for number in 1...3 { try log.append(batch(event(order: UInt128(number)))) }
        poisoned.fail(.sync, with: 5, file: segment)
        #expect(throws: EventLogError.self) { try log.append(batch(event(order: 4))) }
        #expect(start > 4096)
        let calls: [SimulatedDisk.Call] = [
            .read, .write, .sync, .syncAll, .truncate, .allocate, .rename, .syncDirectory, .open,
        ]
        // The poisoned one may lose its last batch, which nobody was told about.
        for (image, heads) in [(tornImage, [3]), (poisoned, [3, 4])] as [(SimulatedDisk, [UInt64])]
        {
            for call in calls {
                for skipped in 0..<25 {
                    for loses in [true, false] {
                        let disk = image.killed()
                        disk.fail(call, with: 5, after: skipped, for: true)
                        do {
                            _ = try open(disk)
                            continue
                        } catch {}
                        let after =
                            loses
                            ? disk.crashed(names: false, SimulatedDisk.losesPending) : disk.killed()
                        let again = try open(after)
                        #expect(
                            heads.contains(again.reader.head.position.rawValue),
                            "\(call) \(skipped) \(loses)")
                        try again.append(batch(event()))
                        try again.committer.close()
                        #expect(
                            try LogVerifier.verify(storage: after, hash: .sha256).findings == [])
                    }
                }
            }
        }
    }

    @Test func `given a creation that stops after any call, when tried again, then there is a log`()
        throws
    {
        for call in [SimulatedDisk.Call.write, .sync, .syncAll, .rename, .syncDirectory, .allocate]
        {
            for skipped in 0..<8 {
                let disk = SimulatedDisk()
                disk.fail(call, with: 5, after: skipped, for: true)
                do { _ = try create(disk) } catch {}
                let after = disk.crashed(names: false, SimulatedDisk.losesPending)
                let log: OpenedLog
                if try LogDirectory.exists(in: after) {
                    log = try open(after)
                } else {
                    log = try create(after)
                }
                try log.append(batch(event()))
                #expect(log.reader.head.position == position(1))
            }
        }
    }
}

@Suite struct `Torn tail or corruption` {
    private func closed(_ count: Int = 5) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let log = try create(disk)
        for number in 1...count { try log.append(batch(event(order: UInt128(number)))) }
        try log.committer.close()
        return disk
    }

    private func refusal(_ disk: SimulatedDisk, evidence: [RecoveryEvidence] = [])
        -> EventLogError?
    {
        let before = disk.fileNames.map { disk.bytes($0) }
        let error = #expect(throws: EventLogError.self) { try open(disk, evidence: evidence) }
        #expect(disk.fileNames.map { disk.bytes($0) } == before, "a refusal changes nothing")
        return error
    }

    @Test
    func
        `given a flipped bit in an acknowledged payload, when opened, then it is refused with the exact report`()
        throws
    {
        let disk = try closed()
        disk.flip(segment, byte: 4096 + 128 + 20, bit: 3)
        let error = try #require(refusal(disk))
        #expect(error.code == .damaged)
        #expect(error.positions == position(1)...position(1))
        #expect(
            error.finding?.description == """
                CORRUPT segment=1 range=[4096,4336) expected_batch=1 positions=[1,1] \
                evidence=payload-checksum,mark.durable_offset=5296,\
                frame@4336.durable_offset=4336
                """)
    }

    @Test
    func
        `given a flipped bit in the last acknowledged frame, when opened, then it is refused, not called torn`()
        throws
    {
        let disk = try closed()
        disk.flip(segment, byte: 5296 - 20, bit: 0)
        let error = try #require(refusal(disk))
        #expect(error.code == .damaged)
        #expect(error.positions == position(5)...position(5))
        #expect(error.byteOffset == 5056)
    }

    @Test
    func
        `given a zeroed sector in the middle, when opened, then it is damage and never the end of the log`()
        throws
    {
        let disk = try closed()
        var bytes = disk.bytes(segment)
        for index in 4608..<5120 { bytes[index] = 0 }
        disk.set(segment, bytes)
        #expect(refusal(disk)?.code == .damaged)
    }

    @Test
    func
        `given a stale mark and a damaged frame before a valid one, when opened, then the later frame proves the damage`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        let mark = disk.bytes("MARK")
        for number in 1...5 { try log.append(batch(event(order: UInt128(number)))) }
        let after = disk.killed()
        after.set("MARK", mark)
        after.flip(segment, byte: 4096 + 300, bit: 1)
        let error = try #require(refusal(after))
        #expect(error.code == .damaged)
        #expect(error.finding?.evidence.contains("durable_offset") == true)
    }

    @Test func `given a file cut anywhere, when opened, then it is damage`() throws {
        let disk = try closed()
        let bytes = disk.bytes(segment)
        for count in stride(from: 0, to: bytes.count, by: 97) {
            disk.set(segment, Array(bytes[..<count]))
            #expect(refusal(disk)?.code == .damaged, "cut to \(count)")
        }
    }

    @Test
    func
        `given several segments, when one is missing, foreign or doubled, then it is refused by name`()
        throws
    {
        let disk = try closedLog()
        let second = "log-00000000000000000002.seg"
        let third = "log-00000000000000000003.seg"
        let last = "log-00000000000000000006.seg"
        func with(_ change: (SimulatedDisk) -> Void) -> SimulatedDisk {
            let copy = disk.killed()
            change(copy)
            return copy
        }
        let missing = refusal(with { $0.remove(second) })
        #expect(missing?.finding?.evidence == "next-segment=3")
        let noEnd = refusal(with { $0.remove(last) })
        #expect(noEnd?.finding?.evidence == "mark-names-segment=6")
        let doubled = refusal(with { $0.set(third, $0.bytes(second)) })
        #expect(doubled?.finding?.evidence == "header-of-segment=2")
        let other = SimulatedDisk()
        let otherLog = try LogDirectory.create(
            storage: other, options: smallOptions(codec: .none), hash: .sha256,
            clock: TestClock().read, newLogID: LogID(rawValue: 99), salt: testSalt)
        for _ in 1...60 { try otherLog.append(batch(event())) }
        let foreign = refusal(with { $0.set(second, other.bytes(second)) })
        #expect(foreign?.finding?.evidence == "log-id-differs-from-mark")
        let noFirst = refusal(with { $0.set(segment, Array("not a log".utf8)) })
        #expect(noFirst?.code == .damaged)
        let text = refusal(with { $0.set(second, [UInt8](repeating: 65, count: 16_384)) })
        #expect(text?.finding?.evidence == "does-not-begin-like-a-segment")
    }

    /// The header's sectors were lost by a disk that lies about flushes, and the log was said not to
    /// be there, with the advice to make one.
    @Test
    func
        `given a first segment that begins with zeros, when opened, then it is damage unless no mark says that there was a log`()
        throws
    {
        let disk = try closed()
        disk.set(segment, [UInt8](repeating: 0, count: 4096) + disk.bytes(segment).dropFirst(4096))
        #expect(refusal(disk)?.code == .damaged)
        #expect(refusal(disk)?.finding?.byteRange == 0..<4096)
        disk.set("MARK", [UInt8](repeating: 0, count: 8192))
        #expect(refusal(disk)?.code == .notALog)
    }

    @Test
    func
        `given one damaged mark slot, when opened, then the other one serves and the slot is written anew`()
        throws
    {
        for slot in [0, 4096] {
            let disk = try closed()
            disk.flip("MARK", byte: slot + 100, bit: 2)
            let log = try open(disk)
            #expect(log.reader.head.position == position(5))
            #expect(log.recovery.restoredMarkSlot)
            try log.append(batch(event()))
            try log.committer.close()
            #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
        }
    }

    @Test
    func
        `given no readable mark, when opened, then only evidence that stands at the end lets it pass`()
        throws
    {
        let disk = try closed()
        let head = try open(disk.killed()).reader
        let chain = try #require(try head.chain(at: position(5)))
        let earlier = try #require(try head.chain(at: position(4)))
        disk.set("MARK", [UInt8](repeating: 0, count: 8192))
        #expect(refusal(disk)?.finding?.evidence == "no-valid-mark-slot")
        #expect(
            refusal(
                disk,
                evidence: [.init(name: "orders", position: position(4), chain: earlier)])?.code
                == .damaged)
        let log = try open(
            disk, evidence: [.init(name: "orders", position: position(5), chain: chain)])
        #expect(log.recovery.restoredMark)
        #expect(log.reader.head.position == position(5))
    }

    @Test
    func
        `given a read model that is ahead, when opened, then the log has lost events; one of another log is only reported`()
        throws
    {
        let disk = try closed()
        let ahead = refusal(
            disk, evidence: [.init(name: "orders.sqlite", position: position(7), chain: .zero)])
        #expect(ahead?.positions == position(6)...position(7))
        #expect(ahead?.finding?.evidence == "log-is-older-than-orders.sqlite@7")
        let log = try open(
            disk, evidence: [.init(name: "orders.sqlite", position: position(3), chain: .zero)])
        #expect(log.recovery.foreignEvidence == ["orders.sqlite"])
    }

    @Test
    func
        `given a valid frame of another place, when it stands where the next one should, then it is not taken`()
        throws
    {
        let disk = try closed()
        var bytes = disk.bytes(segment)
        bytes.replaceSubrange(4576..<4816, with: bytes[4336..<4576])
        disk.set(segment, bytes)
        let error = try #require(refusal(disk))
        #expect(error.finding?.evidence.hasPrefix("frame-of-offset=4336") == true)
    }

    @Test
    func `given a frame that needs a newer version, when opened, then it is refused as newer`()
        throws
    {
        let disk = try closed()
        var bytes = disk.bytes(segment)
        var frame = Array(bytes[5056..<5184])
        frame[6] = 1
        Codecs.fixChecksum(&frame)
        bytes.replaceSubrange(5056..<5184, with: frame)
        disk.set(segment, bytes)
        #expect(refusal(disk)?.code == .newerFormat)
    }
}
