import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

private func name(_ number: UInt64) -> String { LogFileName.segment(number) }

private func verify(_ storage: any Storage) throws -> [DamageFinding] {
    try LogVerifier.verify(storage: storage, hash: .sha256).findings
}

extension SimulatedDisk {
    /// Makes some bytes of a file what no single bit would make of them.
    fileprivate func destroy(_ file: String, _ range: Range<Int>) {
        change(file) { bytes in for index in range { bytes[index] ^= 0x5A } }
    }

    fileprivate var segmentCount: UInt64 {
        UInt64(fileNames.filter { $0.hasPrefix("log-") }.count)
    }

    /// The last frame of a segment: its seal, when it has one.
    fileprivate func lastFrame(_ segment: UInt64) -> FrameHeader? {
        frames(ofSegment: segment).last
    }
}

/// More than one thing wrong in one segment: each is named, and no more is proposed than is proven.
@Suite struct `Verification of several damages` {
    @Test func `given a lost header and a lost seal, when verified, then both are named`() throws {
        let disk = try closedLog()
        let seal = try #require(disk.lastFrame(1))
        disk.destroy(name(1), 300..<320)
        disk.destroy(name(1), (Int(seal.byteOffset) + 300)..<(Int(seal.byteOffset) + 303))
        let found = try verify(disk)
        #expect(found.contains { $0.byteRange == 0..<4_096 && $0.repair == nil })
        #expect(found.contains { $0.byteRange == seal.byteOffset..<seal.endOffset })
        #expect(!found.contains { $0.evidence == "trailer-checksum" })
    }

    @Test func `given a lost header and a lost trailer, when verified, then neither has a repair`()
        throws
    {
        let disk = try closedLog()
        let seal = try #require(disk.lastFrame(1))
        disk.destroy(name(1), 300..<320)
        disk.destroy(name(1), Int(seal.endOffset)..<(Int(seal.endOffset) + 3))
        let found = try verify(disk)
        #expect(found.contains { $0.byteRange == 0..<4_096 && $0.repair == nil })
        let trailer = try #require(found.first { $0.evidence == "trailer-checksum" })
        #expect(trailer.byteRange == seal.endOffset..<(seal.endOffset + 64))
        #expect(trailer.repair == nil)
    }

    @Test
    func
        `given a lost header and a seal with another chain, when verified, then its copy is not believed`()
        throws
    {
        let disk = try closedLog()
        // No segment follows whose header would have the digest.
        disk.remove(name(disk.segmentCount))
        let last = disk.segmentCount
        let seal = try #require(disk.lastFrame(last))
        disk.rewriteFrame(seal, segment: last) { $0[80] ^= 1 }
        disk.destroy(name(last), 300..<320)
        let found = try verify(disk)
        #expect(
            found.contains {
                $0.segment == last && $0.byteRange == 0..<4_096 && $0.repair == nil
            })
        #expect(found.contains { $0.evidence == "chain-broken" && $0.segment == last })
    }

    @Test
    func
        `given a flipped bit in a header of which the seal says something else, when verified, then nobody is right`()
        throws
    {
        let disk = try closedLog()
        let frames = disk.frames(ofSegment: 1)
        disk.rewriteFrame(
            frames[frames.count - 1], after: frames[frames.count - 2].chain
        ) { $0[128 + 100] ^= 1 }
        disk.flip(name(1), byte: 1_000, bit: 3)
        let header = try #require(try verify(disk).first { $0.byteRange == 0..<4_096 })
        #expect(header.evidence == "segment-header-checksum")
        #expect(header.repair == nil)
    }

    @Test func `given two damaged frames in a row, when verified, then both are named`() throws {
        let disk = try closedLog()
        let frames = disk.frames(ofSegment: 1)
        disk.destroy(name(1), Int(frames[3].byteOffset)..<(Int(frames[3].byteOffset) + 60))
        disk.destroy(name(1), Int(frames[4].byteOffset) + 140..<(Int(frames[4].byteOffset) + 150))
        let found = try verify(disk)
        #expect(found.map(\.byteRange.lowerBound).contains(frames[3].byteOffset))
        #expect(
            found.contains { $0.byteRange == frames[4].byteOffset..<frames[4].endOffset })
        #expect(found.allSatisfy { $0.repair == nil })
    }

    @Test
    func `given a trailer that calls a batch the seal, when verified, then the end is missing`()
        throws
    {
        let disk = try closedLog()
        let frames = disk.frames(ofSegment: 1)
        let last = frames[frames.count - 2]
        disk.change(name(1)) { bytes in
            var trailer = [UInt8](repeating: 0, count: SegmentTrailer.byteCount)
            trailer.withUnsafeMutableBytes {
                SegmentTrailer(
                    logID: testLogID, segmentNumber: 1, sealOffset: last.byteOffset,
                    sealByteCount: last.frameByteCount
                ).encode(into: $0)
            }
            bytes = Array(bytes.prefix(Int(last.endOffset))) + trailer
        }
        let found = try verify(disk)
        #expect(found.first?.byteRange == last.endOffset..<(last.endOffset + 1))
        #expect(found.first?.evidence == "file-ends-inside-frame")
    }

    @Test
    func `given a segment of which nothing says how it begins, when verified, then the rest is`()
        throws
    {
        let disk = try closedLog()
        let seal = try #require(disk.lastFrame(2))
        disk.remove(name(1))
        disk.destroy(name(2), 300..<320)
        disk.destroy(name(2), Int(seal.endOffset)..<(Int(seal.endOffset) + 3))
        let found = try verify(disk)
        #expect(found.first?.kind == .missing && found.first?.segment == 1)
        #expect(found.filter { $0.segment == 2 }.map(\.byteRange) == [0..<4_096])
    }

    @Test
    func `given a lost seal and a next segment that is cut, when verified, then both are named`()
        throws
    {
        let disk = try closedLog()
        let seal = try #require(disk.lastFrame(1))
        disk.destroy(name(1), Int(seal.byteOffset)..<(Int(seal.byteOffset) + 60))
        let whole = disk.killed()
        #expect(try verify(whole).map(\.repair?.proof) == [.sealDigest])
        disk.change(name(2)) { $0 = Array($0.prefix(100)) }
        let found = try verify(disk)
        #expect(found.contains { $0.segment == 1 && $0.repair == nil })
        #expect(found.contains { $0.evidence == "file-ends-inside-header" })
        // What cannot be read is an error, not a finding.
        whole.fail(.open, with: EIO, file: name(2))
        let error = #expect(throws: EventLogError.self) { try verify(whole) }
        #expect(error?.errno == EIO)
    }

    /// Whoever forged the next segment's header let the seal be of an older writer than the frames.
    @Test
    func
        `given a lost seal that would go back to an older writer, when verified, then it is not proven`()
        throws
    {
        let disk = SimulatedDisk()
        let writing = SegmentWriting(
            storage: disk, hash: .sha256, logID: testLogID, salt: testSalt,
            note: SegmentWriting.note(schema: [1, 2, 3]))
        let spare = SpareSegment(storage: disk)
        let now = TestClock().read()
        func assembler(_ epoch: UInt32, _ tag: UInt32 = 0) -> FrameAssembler {
            FrameAssembler(hash: .sha256, codec: .none, segmentTag: tag, writerEpoch: epoch)
        }
        let genesis = SealedTail.genesis(of: testLogID, hash: .sha256)
        try spare.ensure(byteCount: 16 << 10)
        let active = try writing.begin(
            after: genesis, in: spare.take(), byteCount: 16 << 10, at: now, assembler: assembler(5))
        let tail = try writing.seal(active, at: now, assembler: assembler(1, active.segmentTag))
        try spare.ensure(byteCount: 16 << 10)
        _ = try writing.begin(
            after: tail, in: spare.take(), byteCount: 16 << 10, at: now, assembler: assembler(1))
        let seal = try #require(disk.lastFrame(1))
        #expect(seal.kind == .seal && seal.writerEpoch == 1)
        #expect(try verify(disk).contains { $0.evidence.contains("writer-epoch") })
        disk.destroy(name(1), Int(seal.byteOffset)..<(Int(seal.byteOffset) + 60))
        #expect(
            try verify(disk).contains {
                $0.byteRange.lowerBound == seal.byteOffset && $0.repair == nil
            })
    }
}

/// What verification meets besides damage.
@Suite struct `Verification of what changes or cannot be read` {
    @Test func `given a mark that cannot be opened, when verified, then that is the error`() throws
    {
        let disk = try closedLog(batches: 8)
        disk.fail(.open, with: EIO, file: "MARK")
        let error = #expect(throws: EventLogError.self) { try verify(disk) }
        #expect(error?.errno == EIO)
    }

    @Test
    func `given numbers that no log reaches, when verified, then opening's refusal is a finding`()
        throws
    {
        let disk = try closedLog(batches: 8)
        disk.setMark(after: disk.lastFrame(1)) { $0.writerEpoch = .max }
        #expect(
            try verify(disk).map(\.evidence).contains {
                $0.hasPrefix("numbers-beyond-any-log(epoch=4294967295")
            })
    }

    @Test
    func `given no mark and bytes behind the end, when verified, then they may be a torn write`()
        throws
    {
        let disk = try closedLog(batches: 8)
        let end = try #require(disk.lastFrame(1)).endOffset
        disk.remove("MARK")
        disk.change(name(1)) { $0.put(UInt32.max, at: Int(end) + 16) }
        let torn = try #require(try verify(disk).first { $0.segment == 1 })
        #expect(torn.kind == .torn)
        #expect(torn.byteRange == end..<(end + 20))
        #expect(torn.positions == nil)
    }

    @Test
    func `given a file that is cut while it is read, when verified, then its end is what is wrong`()
        throws
    {
        let disk = try closedLog()
        let count = disk.bytes(name(1)).count
        let storage = ScriptedStorage(disk) { read in
            read.file == name(1) && read.offset == UInt64(count - 64) && read.count == 64 ? 0 : nil
        }
        let found = try verify(storage)
        #expect(found.map(\.evidence) == ["trailer-checksum"])
        #expect(found.map(\.byteRange) == [UInt64(count - 64)..<UInt64(count)])
        #expect(found.map(\.repair) == [nil])
    }

    @Test func `given a trailer of lengths that cannot be, when decoded, then it is none`() {
        var bytes = [UInt8](repeating: 0, count: SegmentTrailer.byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            SegmentTrailer(
                logID: testLogID, segmentNumber: 5, sealOffset: 8_192, sealByteCount: 4_800
            )
            .encode(into: bytes)
        }
        func isTrailer(_ bytes: [UInt8]) -> Bool {
            bytes.withUnsafeBytes { SegmentTrailer(decoding: $0, fileByteCount: 13_056) != nil }
        }
        #expect(isTrailer(bytes))
        for (offset, value) in [(32, 64), (32, 13_056), (40, 13_056), (40, 4_808)]
            as [(Int, UInt64)]
        {
            var forged = bytes
            forged.put(value, at: offset)
            forged.mendChecksum(over: 0..<60)
            #expect(!isTrailer(forged), "\(value) at \(offset)")
        }
    }

    @Test func `given a trailer that calls eight bytes its seal, when opened, then it is refused`()
        throws
    {
        let disk = try closedLog()
        disk.change(name(1)) { bytes in
            bytes.put(UInt64(bytes.count - 72), at: bytes.count - 64 + 32)
            bytes.put(UInt64(8), at: bytes.count - 64 + 40)
            bytes.mendChecksum(over: (bytes.count - 64)..<(bytes.count - 4))
        }
        let error = #expect(throws: EventLogError.self) {
            try LogDirectory.open(
                storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        }
        #expect(error?.finding?.evidence == "seal-file-ends-inside-frame")
    }
}
