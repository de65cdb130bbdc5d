import DaybookCore
import Testing

@testable import DaybookLog

private func name(_ number: UInt64) -> String { LogFileName.segment(number) }

private func open(_ disk: SimulatedDisk) throws -> OpenedLog {
    try LogDirectory.open(
        storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

/// What opening says, and all that verifying says.
private func answers(_ disk: SimulatedDisk) throws -> (opened: EventLogError?, verified: [String]) {
    let verified = try LogVerifier.verify(storage: disk, hash: .sha256).findings.map(\.evidence)
    do {
        let log = try open(disk)
        try log.committer.close()
        return (nil, verified)
    } catch let error as EventLogError {
        return (error, verified)
    }
}

/// Each field of a segment's header with a right checksum over a wrong value.
@Suite struct `A segment header that says something wrong` {
    struct Case: CustomTestStringConvertible {
        var offset: Int
        var value: UInt32
        var evidence: String
        var testDescription: String { "\(value) at \(offset)" }
    }

    @Test(arguments: [
        Case(offset: 260, value: 512, evidence: "implausible header length"),
        Case(offset: 328, value: 12, evidence: "implausible file length 12"),
        Case(offset: 284, value: 0xFFFF_FFFF, evidence: "implausible numbers"),
        Case(offset: 280, value: 7, evidence: "header-of-segment=7"),
        Case(offset: 324, value: 1, evidence: "reserved-byte-set"),
        Case(offset: 448, value: 1, evidence: "reserved-byte-set"),
        Case(offset: 264, value: 1, evidence: "log-id-differs-from-mark"),
        Case(offset: 288, value: 2, evidence: "first-segment-numbers"),
        Case(offset: 352, value: 1, evidence: "genesis-chain"),
    ])
    func `given a first segment, when opened, then the evidence says what`(_ forged: Case) throws {
        let disk = try closedLog(batches: 8)
        disk.change(name(1)) { bytes in
            bytes.put(forged.value, at: forged.offset)
            bytes.mendChecksum(over: 0..<4092)
        }
        let (opened, verified) = try answers(disk)
        #expect(opened?.code == .damaged)
        #expect(opened?.finding?.evidence == forged.evidence)
        #expect(!verified.isEmpty)
    }

    @Test(arguments: [
        Case(offset: 256, value: 2, evidence: "format 2.0"),
        Case(offset: 336, value: 1, evidence: "feature bits 1, 0"),
        Case(offset: 340, value: 4, evidence: "feature bits 0, 4"),
        Case(offset: 258, value: 1, evidence: "format 1.1"),
    ])
    func `given a newer format, when opened for writing, then it is refused and nothing is changed`(
        _ forged: Case
    ) throws {
        let disk = try closedLog(batches: 8)
        disk.change(name(1)) { bytes in
            bytes.put(UInt16(truncatingIfNeeded: forged.value), at: forged.offset)
            bytes.mendChecksum(over: 0..<4092)
        }
        let before = disk.bytes(name(1))
        let (opened, _) = try answers(disk)
        #expect(opened?.code == .newerFormat)
        #expect(opened?.message.contains(forged.evidence) == true)
        #expect(disk.bytes(name(1)) == before)
    }

    @Test func `given bits that a reader may ignore, when opened for reading, then it is read`()
        throws
    {
        let disk = try closedLog(batches: 8)
        let sealed = disk.bytes(name(1))
        disk.change(name(1)) { bytes in
            bytes.put(UInt32(4), at: 340)
            bytes.put(UInt16(1), at: 258)
            bytes.put(UInt32(9), at: 2_000)
            bytes.mendChecksum(over: 0..<4092)
        }
        #expect(disk.bytes(name(1)) != sealed)
        let reader = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        #expect(reader.head.position == position(8))
    }

    @Test
    func
        `given other bytes, when opened, then it is damage where a mark is, and no log where none is`()
        throws
    {
        let disk = try closedLog(batches: 8)
        disk.change(name(1)) { bytes in
            bytes[0] = 0x58
            bytes.mendChecksum(over: 0..<4092)
        }
        #expect(try answers(disk).opened?.finding?.evidence == "does-not-begin-like-a-segment")
        disk.remove("MARK")
        #expect(try answers(disk).opened?.code == .notALog)
        disk.change(name(1)) { $0.replaceSubrange(0..<300, with: Array(repeating: 7, count: 300)) }
        #expect(try answers(disk).opened?.code == .notALog)
        disk.set(name(1), [1, 2, 3])
        #expect(try answers(disk).opened?.finding?.evidence == "file-ends-inside-header")
    }
}

/// Links between segments, each with right checksums.
@Suite struct `A segment that does not continue the one before` {
    @Test(arguments: [
        (264, "segment-of-another-log"), (416, "salt-differs"), (384, "previous-seal-digest"),
        (352, "chain-broken"), (288, "first-numbers"), (296, "first-numbers"),
        (304, "first-numbers"),
    ])
    func `given its header, when opened and verified, then both say what is wrong`(
        offset: Int, evidence: String
    ) throws {
        let disk = try closedLog()
        // Without a mark the segments themselves must tell.
        if offset == 264 { disk.remove("MARK") }
        let last = UInt64(disk.fileNames.filter { $0.hasPrefix("log-") }.count)
        disk.change(name(last)) { bytes in
            bytes[offset] ^= 1
            bytes.mendChecksum(over: 0..<4092)
        }
        let (opened, verified) = try answers(disk)
        #expect(opened?.finding?.evidence == evidence)
        #expect(opened?.finding?.segment == last)
        #expect(verified.contains(evidence))
    }

    @Test func `given a segment in the middle without its seal, when opened, then it is refused`()
        throws
    {
        let disk = try closedLog()
        disk.change(name(2)) { bytes in bytes.removeLast(64) }
        let (opened, verified) = try answers(disk)
        #expect(opened?.finding?.evidence == "seal-missing")
        #expect(!verified.isEmpty)
    }

    @Test func `given no segment at all, when opened or verified, then the mark tells of it`()
        throws
    {
        let disk = try closedLog(batches: 8)
        disk.remove(name(1))
        let (opened, verified) = try answers(disk)
        #expect(opened?.finding?.evidence == "mark-names-segment=1")
        #expect(verified == ["mark-names-segment=1"])
        disk.remove("MARK")
        #expect(throws: EventLogError.self) { try open(disk) }
        #expect(throws: EventLogError.self) {
            _ = try LogVerifier.verify(storage: disk, hash: .sha256)
        }
    }

    @Test func `given no mark, or only zeros in it, when verified, then that is a finding`() throws
    {
        let disk = try closedLog(batches: 8)
        disk.change("MARK") { $0[1_000] = 1 }
        #expect(try answers(disk).verified == ["mark-reserved-byte-set"])
        disk.set("MARK", [UInt8](repeating: 0, count: 8_192))
        #expect(
            try LogVerifier.verify(storage: disk, hash: .sha256).findings.map(\.evidence)
                .contains("no-valid-mark-slot"))
        disk.set("MARK", [1, 2, 3])
        #expect(try !LogVerifier.verify(storage: disk, hash: .sha256).isSound)
        disk.remove("MARK")
        #expect(
            try LogVerifier.verify(storage: disk, hash: .sha256).findings.map(\.evidence)
                .contains("no-mark-file"))
    }
}

/// Each field of a seal's frame, content and trailer.
@Suite struct `A seal that says something wrong` {
    /// The seal of the first segment of a closed log: where its frame begins.
    private func sealOffset(_ disk: SimulatedDisk) -> Int {
        disk.bytes(name(1)).withUnsafeBytes { Int($0.uint64(at: $0.count - 64 + 32)) }
    }

    private func forge(_ change: (inout [UInt8], _ seal: Int) -> Void) throws -> EventLogError? {
        let disk = try closedLog()
        let seal = sealOffset(disk)
        disk.change(name(1)) { bytes in change(&bytes, seal) }
        let (opened, verified) = try answers(disk)
        #expect(!verified.isEmpty)
        return opened
    }

    /// Changes the content and puts both checksums of the frame right.
    private func forgeContent(_ change: (inout [UInt8], _ content: Int) -> Void) throws -> String? {
        try forge { bytes, seal in
            change(&bytes, seal + FrameHeader.byteCount)
            let count = bytes.withUnsafeBytes { Int($0.uint32(at: seal + 8)) }
            let checksum = bytes.withUnsafeBytes { bytes in
                Checksum.crc32c(bytes.slice(seal + FrameHeader.byteCount, count))
            }
            bytes.put(checksum, at: seal + 60)
            bytes.mendChecksum(over: seal..<(seal + 124))
        }?.finding?.evidence
    }

    @Test func `given its frame, when opened, then the evidence says what`() throws {
        func evidence(_ change: @escaping (inout [UInt8], Int) -> Void) throws -> String? {
            try forge { bytes, seal in
                change(&bytes, seal)
                bytes.mendChecksum(over: seal..<(seal + 124))
            }?.finding?.evidence
        }
        #expect(try evidence { $0[$1 + 4] = 3 } == "seal-content(not a seal)")
        #expect(try evidence { $0.put(UInt64(64), at: $1 + 104) } == "seal-frame-of-offset=64")
        #expect(try evidence { $0[$1 + 120] ^= 1 } == "seal-frame-of-another-segment")
        #expect(try evidence { $0[$1 + 60] ^= 1 } == "seal-payload-checksum")
        #expect(
            try evidence { bytes, seal in
                bytes.put(UInt32(5_000), at: seal + 8)
                bytes.put(UInt32(5_000), at: seal + 12)
            } == "seal-bad-length")
        #expect(try forge { $0[$1] = 1 }?.finding?.evidence == "seal-no-frame")
    }

    @Test func `given its content, when opened, then the evidence says what`() throws {
        #expect(try forgeContent { $0[$1] ^= 1 } == "seal-header-copy-differs")
        #expect(
            try forgeContent { $0.put(UInt64(1) << 40, at: $1 + 4096) }
                == "seal-content(seal statistics)")
        #expect(
            try forgeContent { $0.put(UInt64(0), at: $1 + 4152) } == "seal-content(seal numbers)")
        #expect(
            try forgeContent { $0[$1 + 4152] ^= 0x40 } == "seal-content(seal numbers)")
        #expect(try forgeContent { $0[$1 + 4256] += 1 } == "seal-content(seal counts)")
        #expect(
            try forgeContent { bytes, content in
                // Another tree of as many subtrees.
                let size = bytes.withUnsafeBytes { $0.uint64(at: content + 4176) }
                bytes.put(size << 1, at: content + 4176)
            } == "seal-content(seal frontier)")
        #expect(
            try forgeContent { bytes, content in
                let subtrees = bytes.withUnsafeBytes { Int($0.uint32(at: content + 4256)) }
                bytes.put(UInt64(1) << 20, at: content + 4264 + 32 * subtrees)
            } == "seal-content(sparse index beyond the seal)")
    }

    @Test func `given a wrong root or wrong sums, when verified, then they are named`() throws {
        for (offset, evidence) in [
            (4184, "merkle-root-differs"), (4120, "seal-statistics-differ"),
            (100, "seal-header-copy-differs"), (4152, "seal-numbers"),
        ] {
            let disk = try closedLog()
            let seal = sealOffset(disk)
            let content = seal + FrameHeader.byteCount
            disk.change(name(1)) { bytes in
                bytes[content + offset] ^= 1
                let count = bytes.withUnsafeBytes { Int($0.uint32(at: seal + 8)) }
                let checksum = bytes.withUnsafeBytes { Checksum.crc32c($0.slice(content, count)) }
                bytes.put(checksum, at: seal + 60)
                // The chain covers the content: put right, as a forger would.
                let last = bytes.withUnsafeBytes { bytes -> Digest in
                    var offset = SegmentHeader.byteCount
                    var chain = Digest.zero
                    while offset < seal {
                        chain = bytes.digest(at: offset + 72)
                        offset +=
                            FrameHeader.byteCount
                            + Int(bytes.uint32(at: offset + 8) + 7) / 8 * 8
                    }
                    return chain
                }
                let chain = bytes.withUnsafeBytes { bytes in
                    DaybookCore.HashFunction.sha256.chain(
                        after: last, header: bytes.slice(seal, 72),
                        payload: bytes.slice(content, count))
                }
                bytes.withUnsafeMutableBytes { $0.store(chain, at: seal + 72) }
                bytes.mendChecksum(over: seal..<(seal + 124))
            }
            #expect(try answers(disk).verified.contains(evidence))
            // Without a look into the batches, the seal still has to agree with itself.
            let stored = try LogVerifier.verify(storage: disk, hash: .sha256, depth: .stored)
            #expect(stored.findings.contains { $0.evidence == evidence })
        }
    }

    @Test func `given content that is too short or out of order, when decoded, then it is refused`()
        throws
    {
        #expect(throws: FrameDefect.content("seal too short")) {
            try [UInt8](repeating: 0, count: 100).withUnsafeBytes { try Seal(decoding: $0) }
        }
        var content = [UInt8](repeating: 0, count: 4264 + 80)
        for offset in [4152, 4160, 4168] { content.put(UInt64(1), at: offset) }
        content.put(UInt32(2), at: 4260)
        for (index, value) in [4096, 4096].enumerated() {
            content.put(UInt64(value), at: 4264 + 40 * index)
        }
        #expect(throws: FrameDefect.content("sparse index out of sequence")) {
            try content.withUnsafeBytes { try Seal(decoding: $0) }
        }
        content.put(UInt64(70_000), at: 4304)
        content.put(UInt64(9), at: 4328)
        #expect(try content.withUnsafeBytes { try Seal(decoding: $0) }.tally.entries.count == 2)
        #expect(MerkleFrontier(size: 3, subtrees: [.zero]) == nil)
    }
}
