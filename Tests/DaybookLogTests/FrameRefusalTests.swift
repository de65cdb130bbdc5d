import DaybookCore
import Testing

@testable import DaybookLog

/// What a frame may not say about itself and its place.
@Suite struct `A frame that says something wrong` {
    private let hash = DaybookCore.HashFunction.sha256
    private let tag: UInt32 = 9

    private func expectation() -> FrameExpectation {
        FrameExpectation(
            byteOffset: 4096, frameNumber: 5, batchNumber: 6, position: position(7),
            time: Instant(microseconds: 100), writerEpoch: 3, chain: testSalt)
    }

    /// A right frame of one batch.
    private func frame(_ payload: [UInt8] = Array("not a batch, but long enough".utf8))
        -> (header: FrameHeader, bytes: [UInt8])
    {
        let assembler = FrameAssembler(hash: hash, codec: .none, segmentTag: tag, writerEpoch: 3)
        let buffer = GrowingBuffer(capacity: 512)
        var next = expectation()
        let header = payload.withUnsafeBytes { payload in
            assembler.append(
                .init(kind: .batches, batchCount: 1, eventCount: 2),
                assembler.payload(payload, kind: .batches), following: &next,
                at: Instant(microseconds: 120), durableOffset: 4096, to: buffer
            ).header
        }
        return (header, Array(buffer.used))
    }

    private func defect(_ change: (inout FrameHeader) -> Void) -> FrameDefect? {
        var header = frame().header
        change(&header)
        do throws(FrameDefect) {
            try expectation().check(header, segmentTag: tag)
            return nil
        } catch {
            return error
        }
    }

    @Test func `given its place, when checked, then the defect names the field`() {
        #expect(defect { _ in } == nil)
        #expect(defect { $0.byteOffset = 8 } == .misplaced(8))
        #expect(defect { $0.segmentTag = 1 } == .foreignSegment)
        #expect(
            defect { $0.frameNumber = 4 } == .outOfSequence("frame-number", expected: 5, found: 4))
        #expect(
            defect { $0.firstBatchNumber = 9 }
                == .outOfSequence("batch-number", expected: 6, found: 9))
        #expect(
            defect { $0.firstPosition = position(8) }
                == .outOfSequence("position", expected: 7, found: 8))
        #expect(
            defect { $0.writerEpoch = 2 } == .outOfSequence("writer-epoch", expected: 3, found: 2))
        #expect(
            defect { $0.time = Instant(microseconds: 99) }
                == .outOfSequence("time", expected: 100, found: 99))
        #expect(
            defect { $0.durableOffset = 4104 }
                == .outOfSequence("durable-offset", expected: 4096, found: 4104))
    }

    @Test func `given its bytes, when checked, then payload, padding and chain are told apart`()
        throws
    {
        let (header, bytes) = frame()
        func check(_ change: (inout [UInt8]) -> Void) -> FrameDefect? {
            var bytes = bytes
            change(&bytes)
            return bytes.withUnsafeBytes { bytes in
                do throws(FrameDefect) {
                    try expectation().check(header, frame: bytes, hash: hash)
                    return nil
                } catch {
                    return error
                }
            }
        }
        #expect(check { _ in } == nil)
        #expect(check { $0[130] ^= 1 } == .payloadChecksum)
        #expect(check { $0[$0.count - 1] = 1 } == .padding)
        #expect(check { $0[50] ^= 1 } == .chain)
    }

    @Test(arguments: [
        (0, UInt8(0), FrameDefect.noFrame(isZero: false)), (4, 9, .unknownKind(9)),
        (5, 2, .unknownCodec(2)), (6, 1, .unknownFlags(1)), (64, 1, .reserved),
        (12, 0xFF, .badLength), (16, 0, .badLength), (23, 0xFF, .badLength), (40, 0, .badLength),
        (44, 0, .badLength), (111, 0xFF, .badLength),
    ])
    func `given a header with a right checksum, when decoded, then the defect says what`(
        offset: Int, value: UInt8, expected: FrameDefect
    ) {
        var bytes = Array(frame().bytes[..<128])
        bytes[offset] = value
        bytes.mendChecksum(over: 0..<124)
        #expect(throws: expected) { try bytes.withUnsafeBytes { try FrameHeader(decoding: $0) } }
    }

    @Test func `given bits that may be ignored, when decoded, then they pass`() throws {
        var bytes = Array(frame().bytes[..<128])
        bytes[7] = 0x80
        bytes.mendChecksum(over: 0..<124)
        #expect(try bytes.withUnsafeBytes { try FrameHeader(decoding: $0) }.flags == 0x8000)
        #expect(
            [FrameDefect.unknownKind(1), .unknownCodec(1), .unknownFlags(1)].allSatisfy {
                $0.meansNewerFormat
            })
        #expect(!FrameDefect.chain.meansNewerFormat)
    }

    @Test func `given each defect, then it has a text for a finding`() {
        let texts: [(FrameDefect, String)] = [
            (.beyondEnd, "file-ends-inside-frame"), (.noFrame(isZero: true), "zero-bytes"),
            (.noFrame(isZero: false), "no-frame"), (.headerChecksum, "header-checksum"),
            (.reserved, "reserved-byte-set"), (.unknownKind(9), "unknown-kind=9"),
            (.unknownCodec(9), "unknown-codec=9"), (.unknownFlags(9), "unknown-flags=9"),
            (.badLength, "bad-length"), (.misplaced(8), "frame-of-offset=8"),
            (.foreignSegment, "frame-of-another-segment"),
            (.outOfSequence("time", expected: 1, found: 2), "time-expected=1-found=2"),
            (.payloadChecksum, "payload-checksum"), (.padding, "padding-not-zero"),
            (.chain, "chain-broken"), (.decompression, "decompression"),
            (.content("x"), "content(x)"),
        ]
        for (defect, text) in texts { #expect(defect.description == text) }
    }

    @Test func `given a header that counts other batches than there are, then it is refused`()
        throws
    {
        var encoder = BatchEncoder()
        encoder.event(type: "A", tags: []) { _ in }
        var raw = WireWriter(capacity: 256)
        encoder.write(metadata(), into: &raw)
        var header = frame().header
        func visit(batches: UInt32, events: UInt32) throws {
            header.batchCount = batches
            header.eventCount = events
            _ = try raw.bytes.withUnsafeBytes { raw in
                try FramePayload.visit(header, raw: raw, tables: BatchTables()) { _ in true }
            }
        }
        try visit(batches: 1, events: 1)
        #expect(throws: BatchDefect("fewer than the frame's header says")) {
            try visit(batches: 1, events: 2)
        }
        #expect(throws: BatchDefect("fewer than the frame's header says")) {
            try visit(batches: 2, events: 2)
        }
        #expect(throws: BatchDefect("more than the frame's header says")) {
            try visit(batches: 0, events: 1)
        }
    }
}

/// Reports are read by people: their whole text is the promise.
@Suite struct `Texts of reports` {
    @Test func `given all that opening may have done, then the report tells all of it`() {
        let head = LogHead(position: position(4), batchNumber: 3, frameNumber: 2, chain: .zero)
        var report = RecoveryReport(
            logID: testLogID, segmentCount: 1, head: head, writerEpoch: 2, wasClean: true)
        #expect(
            report.description
                == "opened \(testLogID) at position 4, batch 3, epoch 2, closed cleanly before")
        report.wasClean = false
        report.rewrittenByteCount = 512
        report.quarantined = RecoveryReport.Quarantined(
            file: "quarantine/x.bin", segment: 1, byteRange: 4096..<4196)
        report.finishedRotation = true
        report.continuedAfterFailure = true
        report.restoredMarkSlot = true
        report.restoredMark = true
        report.foreignEvidence = ["orders.sqlite", "users.sqlite"]
        #expect(
            report.description
                == "opened \(testLogID) at position 4, batch 3, epoch 2, not closed cleanly before, "
                + "wrote 512 bytes again, moved a torn write of 100 bytes (segment 1, byte 4096) to "
                + "quarantine/x.bin, completed an interrupted rotation, went on in a fresh segment "
                + "after an I/O error, WARNING: one mark slot was unreadable, WARNING: no mark was "
                + "readable, evidence agreed, WARNING: not of this log: orders.sqlite, users.sqlite"
        )
    }

    @Test func `given findings, when verified, then each has a line and the last line counts`()
        throws
    {
        let disk = try closedLog(batches: 8)
        let sound = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(sound.description.hasPrefix("OK 1 segments, 9 frames, 8 batches, 8 events, "))
        disk.flip(LogFileName.segment(1), byte: 5_000, bit: 0)
        let text = try LogVerifier.verify(storage: disk, hash: .sha256).description
        #expect(text.hasPrefix("CORRUPT segment=1 range=["))
        #expect(text.contains("\nDAMAGED "))
    }
}
