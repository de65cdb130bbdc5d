import DaybookCore
import Testing

@testable import DaybookLog

private let segment = "log-00000000000000000001.seg"

/// Replaces a number and puts the checksum behind the covered bytes right again.
private func forge(
    _ disk: SimulatedDisk, _ file: String, at offset: Int, _ value: some FixedWidthInteger,
    covering range: Range<Int>
) {
    var bytes = disk.bytes(file)
    bytes.withUnsafeMutableBytes { bytes in
        withUnsafeBytes(of: value.littleEndian) { value in bytes.copy(value, at: offset) }
        bytes.store(
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[range])), at: range.upperBound)
    }
    disk.set(file, bytes)
}

/// The newest slot of the mark after a clean close.
private func forgeMark(_ disk: SimulatedDisk, at offset: Int, _ value: some FixedWidthInteger) {
    for start in [0, 4096] where disk.bytes("MARK")[start] != 0 {
        forge(disk, "MARK", at: start + offset, value, covering: start..<(start + 252))
    }
}

private func open(_ disk: SimulatedDisk) throws -> OpenedLog {
    try LogDirectory.open(
        storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

/// Checksums right, content wrong: an answer, never a trap. Found by Tests/Fuzz.
@Suite struct `Forged content` {
    @Test(arguments: [
        // Trapped: 2^64 marks, and the next one.
        (24, UInt64.max), (24, UInt64.max - 1),
        // Trapped: a range that ends in the header of the segment.
        (48, 0), (48, 17),
        // Trapped or listed 2^61 files until memory was full.
        (40, 1 << 61), (40, UInt64.max),
        (48, UInt64.max), (56, 0), (64, 0), (72, 0), (72, UInt64.max),
    ])
    func `given a mark with a number that cannot be, when verified and opened, then it is refused`(
        offset: Int, value: UInt64
    ) throws {
        let disk = try closedLog(batches: 8)
        forgeMark(disk, at: offset, value)
        let report = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(!report.findings.isEmpty)
        #expect(report.findings.count < 100)
        #expect(throws: EventLogError.self) { try open(disk) }
        #expect(throws: EventLogError.self) {
            _ = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        }
    }

    @Test
    func `given a mark that names a segment far beyond, when verified, then the findings are few`()
        throws
    {
        let disk = try closedLog(batches: 8)
        forgeMark(disk, at: 40, UInt64(1) << 50)
        let findings = try LogVerifier.verify(storage: disk, hash: .sha256).findings
        #expect(findings.count < 100)
        let last = try #require(findings.last)
        #expect(last.evidence.hasSuffix(",and-all-through-segment=\(UInt64(1) << 50)"))
        #expect(findings.allSatisfy { $0.kind == .missing })
    }

    /// The verifier called such a log sound, and opening refused it.
    @Test(arguments: [64, 72])
    func `given a mark with another next number, when verified and opened, then both refuse it`(
        offset: Int
    ) throws {
        let disk = try closedLog(batches: 8)
        forgeMark(disk, at: offset, UInt64(1) << 40)
        let findings = try LogVerifier.verify(storage: disk, hash: .sha256).findings
        #expect(findings.contains { $0.evidence.hasPrefix("mark-and-frames-disagree@") })
        #expect {
            try open(disk)
        } throws: {
            ($0 as? EventLogError)?.finding?.evidence.hasPrefix("mark-and-frames-disagree@") == true
        }
    }

    @Test(arguments: [(32, UInt64(UInt32.max)), (24, (UInt64(1) << 62) - 2)])
    func `given the last epoch or generation of all in the mark, when opened, then it is refused`(
        offset: Int, value: UInt64
    ) throws {
        let disk = try closedLog(batches: 8)
        if offset == 32 {
            forgeMark(disk, at: offset, UInt32(value))
        } else {
            forgeMark(disk, at: offset, value)
        }
        let before = disk.bytes("MARK")
        #expect {
            try open(disk)
        } throws: {
            ($0 as? EventLogError)?.code == .damaged
        }
        #expect(disk.bytes("MARK") == before)
    }

    @Test(arguments: ["log-18446744073709551615.seg", "log-09999999999999999999.seg"])
    func `given a file with a number that no segment has, when verified, then it is none`(
        name: String
    ) throws {
        let disk = try closedLog(batches: 8)
        disk.set(name, [1, 2, 3])
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).isSound)
        #expect(try open(disk).reader.head.position == position(8))
    }

    /// Statistics, numbers and tree size of a seal.
    @Test(arguments: [
        (4096, UInt64.max), (4112, 1 << 63), (4128, UInt64.max), (4152, 0), (4152, UInt64.max),
        (4160, 0), (4160, UInt64.max), (4168, 0), (4168, UInt64.max), (4176, UInt64.max),
    ])
    func `given a seal with a number that cannot be, when decoded, then it is refused`(
        offset: Int, value: UInt64
    ) throws {
        let disk = try closedLog()
        let bytes = disk.bytes(segment)
        let good = try bytes.withUnsafeBytes { bytes in
            let trailer = try #require(
                SegmentTrailer(
                    decoding: bytes.slice(bytes.count - 64, 64), fileByteCount: UInt64(bytes.count)
                ))
            let frame = bytes.slice(Int(trailer.sealOffset), Int(trailer.sealByteCount))
            let header = try FrameHeader(decoding: frame)
            return Array(frame.slice(FrameHeader.byteCount, Int(header.storedByteCount)))
        }
        #expect(throws: Never.self) { try good.withUnsafeBytes { try Seal(decoding: $0) } }
        var forged = good
        forged.withUnsafeMutableBytes { $0.store(value, at: offset) }
        #expect(throws: FrameDefect.self) { try forged.withUnsafeBytes { try Seal(decoding: $0) } }
    }

    @Test
    func `given a trailer that calls most of a file its seal, when opened, then nothing is read`()
        throws
    {
        let disk = try closedLog()
        var bytes = disk.bytes(segment)
        bytes.insert(contentsOf: [UInt8](repeating: 0, count: 1 << 21), at: bytes.count - 64)
        let trailer = SegmentTrailer(
            logID: testLogID, segmentNumber: 1, sealOffset: 4096,
            sealByteCount: UInt64(bytes.count - 64 - 4096))
        bytes.withUnsafeMutableBytes { bytes in
            trailer.encode(into: UnsafeMutableRawBufferPointer(rebasing: bytes.suffix(64)))
        }
        disk.set(segment, bytes)
        #expect {
            try open(disk)
        } throws: {
            ($0 as? EventLogError)?.finding?.evidence == "seal-bad-length"
        }
        #expect(try !LogVerifier.verify(storage: disk, hash: .sha256).isSound)
    }
}

/// Few bytes that stand for much.
@Suite struct `Batches that would take much memory` {
    private func visit(_ message: borrowing WireWriter) throws {
        var raw = WireWriter(capacity: message.byteCount + 8)
        raw.delimited { writer in message.withUnsafeBytes { writer.append(raw: $0) } }
        try raw.bytes.withUnsafeBytes { raw in
            var batches = BatchSequence(raw, firstBatchNumber: 1, firstPosition: position(1))
            _ = try batches.visitNext(BatchTables()) { batch in
                try batch.validate()
                try batch.forEachEvent { event in _ = try event.tags() }
            }
        }
    }

    private func message(types: Int, tagByteCount: Int, tagIndexes: Int) -> WireWriter {
        var writer = WireWriter(capacity: 1024)
        Actor.system.encode(field: BatchField.actor, into: &writer)
        for _ in 0..<types { writer.alwaysField(BatchField.eventTypes, text: "T") }
        writer.alwaysField(
            BatchField.tags, text: "sku:" + String(repeating: "x", count: tagByteCount))
        writer.field(BatchField.events) { writer in
            writer.field(
                EventField.tags, packed: [UInt64](repeating: 0, count: tagIndexes))
        }
        return writer
    }

    @Test func `given a tag that an event names a few times, when read, then it is read`() throws {
        try visit(message(types: 1, tagByteCount: 100, tagIndexes: 10))
    }

    @Test
    func `given a long tag that an event names a million times, when read, then it is refused`() {
        // Was: a terabyte of copies.
        #expect(throws: BatchDefect.self) {
            try visit(message(types: 1, tagByteCount: 1 << 20, tagIndexes: 1 << 20))
        }
    }

    @Test func `given more types than a batch may have, when written or read, then it is refused`()
    {
        #expect(throws: BatchDefect.self) {
            try visit(message(types: 4_097, tagByteCount: 1, tagIndexes: 1))
        }
        var encoder = BatchEncoder()
        for number in 0...4_096 {
            encoder.event(type: EventType(rawValue: "T\(number)"), tags: []) { _ in }
        }
        let problem = encoder.problem
        #expect(problem?.code == .tooLarge)
    }
}
