import DaybookCore
import Testing

@testable import DaybookLog

@Suite struct `Checksums and hashes` {
    @Test func `given the check string, then CRC-32C is the published check value`() {
        Array("123456789".utf8).withUnsafeBytes { bytes in
            #expect(Checksum.crc32c(bytes) == 0xE306_9283)
            #expect(Checksum.portableCRC32C(bytes) == 0xE306_9283)
        }
    }

    @Test
    func
        `given buffers of every length to 2000 and some long ones, then instruction and table agree`()
    {
        var generator = SeededGenerator(seed: testSeed("CRC"))
        let data = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        data.withUnsafeBytes { data in
            for count in Array(0...2000) + [4095, 24_575, 24_576, 24_577, 65_536, 100_000] {
                let part = UnsafeRawBufferPointer(rebasing: data[..<count])
                #expect(Checksum.crc32c(part) == Checksum.portableCRC32C(part))
            }
        }
    }

    @Test func `given the published SipHash vectors, then tag keys have those values`() {
        let secret = TagKey.Secret(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)
        func digest(_ bytes: [UInt8]) -> String {
            let key = bytes.withUnsafeBytes { TagKey($0, secret: secret) }
            return [key.low, key.high].map { word in
                hex((0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) })
            }.joined()
        }
        #expect(digest([]) == "a3817f04ba25a8e66df67214c7550293")
        #expect(digest([0]) == "da87c1d86b99af44347659119b22fc45")
    }

    @Test
    func
        `given the leaves of the Certificate Transparency test tree, then the roots are the published ones`()
    {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        var frontier = MerkleFrontier()
        #expect(
            frontier.root(hash: .sha256).description
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var roots: [String] = []
        for leaf in leaves {
            let digest = bytes(hex: leaf).withUnsafeBytes { HashFunction.sha256.merkleLeaf(of: $0) }
            frontier.append(leaf: digest, hash: .sha256)
            roots.append(frontier.root(hash: .sha256).description)
        }
        #expect(roots[0] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        #expect(roots[1] == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")
        #expect(roots[7] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        #expect(frontier.size == 8)
    }
}

@Suite struct `Codecs` {
    static let header = FrameHeader(
        kind: .batches, codec: .lz4, storedByteCount: 100, rawByteCount: 300, frameNumber: 7,
        firstBatchNumber: 11, firstPosition: position(13), batchCount: 2, eventCount: 5,
        time: Instant(microseconds: 1_700_000_000_000_000), writerEpoch: 3,
        payloadChecksum: 0xAABB_CCDD, chain: testSalt, byteOffset: 4096, durableOffset: 4096,
        segmentTag: 0x0102_0304)

    static func encode(_ header: FrameHeader) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xFF, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes { buffer in
            header.encodePortable(into: buffer)
            header.encodeRest(into: buffer)
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws -> FrameHeader {
        try bytes.withUnsafeBytes { try FrameHeader(decoding: $0) }
    }

    @Test func `given a frame header, when encoded, then it has the bytes of the format`() throws {
        let bytes = Codecs.encode(Codecs.header)
        #expect(
            hex(bytes[..<72])
                == """
                f544424601010000640000002c010000\
                07000000000000000b000000000000000d00000000000000\
                020000000500000000401e18240a0600\
                03000000ddccbbaa0000000000000000
                """.filter { !$0.isWhitespace })
        #expect(Array(bytes[72..<104]) == testSalt.bytes)
        #expect(hex(bytes[104..<124]) == "0010000000000000001000000000000004030201")
        #expect(try Codecs.decode(bytes) == Codecs.header)
    }

    @Test func `given a frame header, when any bit flips, then it is refused`() {
        let bytes = Codecs.encode(Codecs.header)
        for bit in 0..<(128 * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: FrameDefect.self) { try Codecs.decode(damaged) }
        }
    }

    @Test(arguments: [
        (4, 9, "unknown-kind=9"), (5, 9, "unknown-codec=9"), (6, 1, "unknown-flags=1"),
        (64, 1, "reserved-byte-set"),
    ])
    func
        `given a right checksum over an unknown or reserved field, then the header is refused by name`(
            byte: Int, value: UInt8, reason: String
        )
    {
        var bytes = Codecs.encode(Codecs.header)
        bytes[byte] = value
        Codecs.fixChecksum(&bytes)
        let defect = #expect(throws: FrameDefect.self) { try Codecs.decode(bytes) }
        #expect(defect?.description == reason)
    }

    @Test func `given a flag that may be ignored, then the header is read`() throws {
        var bytes = Codecs.encode(Codecs.header)
        bytes[7] = 0x80
        Codecs.fixChecksum(&bytes)
        #expect(try Codecs.decode(bytes).flags == 0x8000)
    }

    @Test(arguments: [
        (UInt32(100), UInt32(17 << 20)), (0, 65), (100, 25_565), (300, 300), (300, 299),
    ])
    func `given implausible lengths, then the header is refused before anything is allocated`(
        stored: UInt32, raw: UInt32
    ) {
        var header = Codecs.header
        header.storedByteCount = stored
        header.rawByteCount = raw
        #expect(throws: FrameDefect.badLength) { try Codecs.decode(Codecs.encode(header)) }
    }

    static func fixChecksum(_ bytes: inout [UInt8]) {
        let checksum = bytes.withUnsafeBytes {
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: $0[..<124]))
        }
        bytes.withUnsafeMutableBytes { $0.store(checksum, at: 124) }
    }

    @Test
    func `given a segment header, when encoded, then it begins with readable text and round-trips`()
        throws
    {
        let header = SegmentHeader(
            logID: testLogID, number: 3, firstFrameNumber: 100, firstBatchNumber: 200,
            firstPosition: position(300), createdAt: Instant(microseconds: 5), writerEpoch: 2,
            byteCount: 1 << 20, chain: testSalt, previousSeal: .zero, salt: testSalt)
        let bytes = header.encoded
        #expect(bytes.count == 4096)
        let text = String(decoding: bytes[..<248], as: UTF8.self)
        #expect(text.hasPrefix("Daybook log segment, format 1.\n"))
        #expect(text.contains("Schemas/log/FORMAT.md"))
        #expect(bytes[..<248].allSatisfy { $0 < 0x80 })
        #expect(hex(bytes[248..<256]) == "8944424b0d0a1a0a")
        #expect(hex(bytes[264..<288]) == "01900000000070008000000000000001" + "0300000000000000")
        let decoded = try bytes.withUnsafeBytes {
            try SegmentHeader(decoding: $0, forWriting: true)
        }
        #expect(decoded == header)
    }

    @Test func `given a commit mark, when encoded, then each slot takes only its own parity`() {
        let mark = CommitMark(
            logID: testLogID, generation: 4, writerEpoch: 9, flags: [.clean], segmentNumber: 2,
            durableOffset: 8192, nextFrameNumber: 10, nextBatchNumber: 20,
            nextPosition: position(30), lastTime: Instant(microseconds: 40), chain: testSalt)
        var bytes = [UInt8](repeating: 0xFF, count: CommitMark.byteCount)
        bytes.withUnsafeMutableBytes { mark.encode(into: $0) }
        #expect(String(decoding: bytes[..<8], as: UTF8.self) == "DBKMARK1")
        bytes.withUnsafeBytes { slot in
            #expect(CommitMark.slot(decoding: slot, parity: 0) == .valid(mark))
            #expect(CommitMark.slot(decoding: slot, parity: 1) == .damaged)
        }
        for bit in 0..<(256 * 8) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            bytes.withUnsafeBytes { slot in
                #expect(CommitMark.slot(decoding: slot, parity: 0) == .damaged)
            }
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(
            [UInt8](repeating: 0, count: 256).withUnsafeBytes {
                CommitMark.slot(decoding: $0, parity: 0)
            } == .empty)
    }

    @Test func `given a trailer, when encoded, then it locates the seal and fits its file only`() {
        let trailer = SegmentTrailer(
            logID: testLogID, segmentNumber: 5, sealOffset: 8192, sealByteCount: 4800)
        var bytes = [UInt8](repeating: 0xFF, count: SegmentTrailer.byteCount)
        bytes.withUnsafeMutableBytes { trailer.encode(into: $0) }
        #expect(trailer.fileByteCount == 13_056)
        bytes.withUnsafeBytes { bytes in
            #expect(SegmentTrailer(decoding: bytes, fileByteCount: 13_056) == trailer)
            #expect(SegmentTrailer(decoding: bytes, fileByteCount: 13_064) == nil)
        }
    }
}
