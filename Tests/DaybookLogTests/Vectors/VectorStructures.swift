import DaybookCore

@testable import DaybookLog

extension Vector {
    /// Single structures and files.
    static func structures() throws -> [Vector] {
        [
            .structure(
                "001-segment-header", .segmentHeader,
                "Every field set, with a feature that a reader may ignore.", header().encoded),
            .structure(
                "002-segment-header-newer-minor", .segmentHeader,
                "A later minor version with a feature for writers and bytes that are reserved today:"
                    + " a reader of 1.0 reads it.", newerMinorHeader()),
            .structure(
                "003-segment-header-newer-feature", .segmentHeader,
                "A feature bit at 336, which every reader must know: refused.",
                newerFeatureHeader()),
            .structure(
                "004-frame-header", .frame,
                "A header alone, every field set; flag bit 8, and bit 9 which a reader ignores.",
                frameHeader()),
            .structure(
                "005-frame-none", .frame, "Two batches, not compressed, two bytes of padding.",
                frame(.batches, raw: encode(full) + encode(minimal), batches: 2, events: 3)),
            .structure(
                "006-frame-lz4", .frame, "One batch of 15 events, an LZ4 block.",
                frame(.batches, raw: encode(repetitive), batches: 1, events: 15, codec: .lz4),
                isReproducible: false),
            .structure(
                "007-frame-note", .frame,
                "A note with schemas, and fields that no reader knows yet.",
                frame(.note, raw: note())),
            try sealAndTrailer(), markBothSlots(), markOneSlotDamaged(),
        ] + messages() + blocks()
    }
}

// MARK: - Headers, frames, marks

extension Vector {
    private static func header() -> SegmentHeader {
        SegmentHeader(
            logID: testLogID, number: 7, firstFrameNumber: 901, firstBatchNumber: 802,
            firstPosition: position(2_003), createdAt: Instant(microseconds: 1_700_000_000_000_004),
            writerEpoch: 5, byteCount: 1 << 20, compatibleFeatures: 6, chain: digest(0x11),
            previousSeal: digest(0x22), salt: testSalt)
    }

    private static func newerMinorHeader() -> [UInt8] {
        var header = header()
        header.formatMinor = 1
        header.readOnlyCompatibleFeatures = 1
        var bytes = header.encoded
        bytes[448] = 0xAA
        return withChecksum(bytes)
    }

    private static func newerFeatureHeader() -> [UInt8] {
        var header = header()
        header.incompatibleFeatures = 2
        return header.encoded
    }

    /// The last four bytes are the CRC of those before.
    static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let end = bytes.count - 4
        bytes.withUnsafeMutableBytes { bytes in
            let covered = UnsafeRawBufferPointer(rebasing: bytes[..<end])
            bytes.store(Checksum.crc32c(covered), at: end)
        }
        return bytes
    }

    static func digest(_ byte: UInt8) -> DaybookCore.Digest {
        [UInt8](repeating: byte, count: 32).withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }

    private static func frameHeader() -> [UInt8] {
        var header = Codecs.header
        header.flags = 3 << 8
        return Codecs.encode(header)
    }

    private static func frame(
        _ kind: FrameKind, raw: [UInt8], batches: UInt32 = 0, events: UInt32 = 0,
        codec: EventLogOptions.Codec = .none
    ) -> [UInt8] {
        let assembler = FrameAssembler(
            hash: .sha256, codec: codec, segmentTag: 0x0403_0201, writerEpoch: 3)
        var expectation = FrameExpectation(
            byteOffset: 8192, frameNumber: 7, batchNumber: 11, position: position(13),
            time: Instant(microseconds: 9), writerEpoch: 2, chain: testSalt)
        let buffer = GrowingBuffer()
        raw.withUnsafeBytes { raw in
            _ = assembler.append(
                .init(kind: kind, batchCount: batches, eventCount: events),
                assembler.payload(raw, kind: kind), following: &expectation,
                at: Instant(microseconds: 10), durableOffset: 4096, to: buffer)
        }
        return Array(buffer.used)
    }

    private static func note() -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, bytes: Array("schemas".utf8))
        writer.field(2, text: "from later versions")
        writer.field(900, varint: 1 << 63)
        return writer.bytes
    }

    private static func sealAndTrailer() throws -> Vector {
        let log = try severalSegments()
        let bytes = log.bytes(LogFileName.segment(2))
        let trailer = bytes.suffix(SegmentTrailer.byteCount).withUnsafeBytes {
            SegmentTrailer(decoding: $0, fileByteCount: UInt64(bytes.count))
        }
        return .structure(
            "008-seal-and-trailer", .sealAndTrailer,
            "The end of segment 2 of 102-several-segments.",
            Array(bytes[Int(trailer?.sealOffset ?? 0)...]))
    }

    private static func mark(_ generation: UInt64) -> CommitMark {
        CommitMark(
            logID: testLogID, generation: generation, writerEpoch: 4, flags: [.clean, .poisoned],
            segmentNumber: 7, durableOffset: 8192, nextFrameNumber: 900 + generation,
            nextBatchNumber: 800 + generation, nextPosition: position(2_000 + generation),
            lastTime: Instant(microseconds: -5), chain: digest(0x33), signedTreeSize: 12,
            signedTreeRoot: digest(0x44))
    }

    private static func markFile(_ generations: UInt64...) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: MarkFile.byteCount)
        for generation in generations {
            bytes.withUnsafeMutableBytes { bytes in
                let start = Int(generation & 1) * 4096
                mark(generation).encode(
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + 256)]))
            }
        }
        return bytes
    }

    private static func markBothSlots() -> Vector {
        .structure(
            "009-mark-both-slots", .markFile,
            "Every field set in both slots; slot B is the newer one.", markFile(6, 9))
    }

    private static func markOneSlotDamaged() -> Vector {
        var bytes = markFile(6, 9)
        bytes[4096 + 50] ^= 1
        return .structure(
            "010-mark-one-slot-damaged", .markFile,
            "The newer slot is damaged; slot A is left.", bytes)
    }
}

// MARK: - Messages

extension Vector {
    static var full: ProposedBatch { `Batch message`.full }

    private static var minimal: ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: 0), actor: .system, command: ""),
            events: [ProposedEvent(type: "A", tags: [], payload: [])])
    }

    private static var extreme: ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: .min), actor: .operator("Zoë\n"),
                command: "Ü", idempotencyKey: "", fingerprint: digest(0xFF),
                correlationID: CorrelationID(rawValue: .max),
                causationPosition: LogPosition(rawValue: .max)),
            events: [
                ProposedEvent(
                    type: "Größe", schemaVersion: .max,
                    tags: [
                        Tag(label: "a", text: "=:é"), Tag(label: "label_15_bytes_", text: ""),
                        Tag(label: "0", identifier: .max),
                    ], payload: [0, 255])
            ])
    }

    private static var repetitive: ProposedBatch {
        ProposedBatch(
            metadata: metadata(),
            events: (0..<15).map { number in
                ProposedEvent(
                    type: number % 3 == 0 ? "OrderPlaced" : "OrderShipped",
                    tags: [Tag(label: "sku", text: "item\(number % 7)")],
                    payload: Array(repeating: UInt8(number), count: 60) + Array("end".utf8))
            })
    }

    /// With its length in front, as in a frame.
    private static func encode(_ batch: ProposedBatch) -> [UInt8] { `Batch message`.encode(batch) }

    /// Without its length.
    private static func message(_ batch: ProposedBatch) -> [UInt8] {
        let encoded = encode(batch)
        let lengthByteCount = (encoded.firstIndex { $0 < 0x80 } ?? 0) + 1
        return Array(encoded[lengthByteCount...])
    }

    private static func messages() -> [Vector] {
        let small = message(minimal)
        return [
            .structure(
                "020-batch-full", .batch, "Every field, both forms of a tag.", message(full)),
            .structure(
                "021-batch-minimal", .batch,
                "What is left out has its default: recorded_at 0, an empty command.", small),
            .structure(
                "022-batch-extremes", .batch,
                "Least and greatest values, empty texts, text that is not ASCII.", message(extreme)),
            .structure(
                "023-batch-unknown-fields", .batch,
                "Unknown fields of every wire type, before and behind the events and inside one.",
                unknownFields()),
            .structure(
                "024-batch-table-after-event", .batch, "An event type behind an event: refused.",
                small + [0x42, 1, 0x42]),
            .structure(
                "025-batch-type-index", .batch, "An event of type 1, of one type: refused.",
                bytes(hex: "1206 73797374656d 4201 41 5204 0801 2200")),
            .structure(
                "026-batch-tag-index", .batch, "An event with tag 2, of two tags: refused.",
                bytes(hex: "1206 73797374656d 4201 41 4a03 613a62 4a03 613a63 5205 1a0102 2200")),
            .structure(
                "027-batch-no-event", .batch, "No event: refused.",
                bytes(hex: "1206 73797374656d 4201 41")),
            .structure(
                "028-batch-no-actor", .batch, "No actor: refused.",
                bytes(hex: "4201 41 5202 2200")),
            .structure(
                "029-batch-cut", .batch, "The last byte is missing: refused.",
                Array(message(full).dropLast())),
            .structure(
                "030-batch-wire-type", .batch, "A known field of another wire type: refused.",
                bytes(hex: "1001 4201 41 5202 2200")),
            .structure(
                "031-batch-tag-label", .batch, "A tag with an upper-case label: refused.",
                bytes(hex: "1206 73797374656d 4201 41 4a03 413a62 5205 1a0100 2200")),
            .structure(
                "032-batch-text", .batch, "A command that is not UTF-8: refused.",
                bytes(hex: "1206 73797374656d 1a02 c328 4201 41 5202 2200")),
        ]
    }

    private static func unknownFields() -> [UInt8] {
        let unknown = bytes(hex: "a006 ac02 a906 0102030405060708 a206 03 616263 a506 01020304")
        let head = bytes(hex: "08 05 1206 73797374656d 4201 41")
        let event = bytes(hex: "2201 09") + unknown
        return head + unknown + [0x52, UInt8(event.count)] + event + unknown
    }
}

// MARK: - LZ4 blocks

extension Vector {
    private static func blocks() -> [Vector] {
        func block(_ name: String, _ about: String, raw: UInt8, _ digits: String) -> Vector {
            .structure(name, .lz4Block, about, [raw, 0, 0, 0] + bytes(hex: digits))
        }
        return [
            block("040-lz4-literals", "Five literals.", raw: 5, "50 68656c6c6f"),
            block(
                "041-lz4-overlap", "One literal, a match of distance 1 that repeats it, literals.",
                raw: 25, "1f 61 0100 00 50 6263646566"),
            block(
                "042-lz4-long-literals", "A literal length of 15 + 5.", raw: 20,
                "f005 000102030405060708090a0b0c0d0e0f10111213"),
            block(
                "043-lz4-before-the-start", "A distance beyond the first byte: refused.", raw: 25,
                "1f 61 0200 00 50 6263646566"),
            block(
                "045-lz4-too-short", "One byte less than the raw length: refused.", raw: 6,
                "50 68656c6c6f"),
            block(
                "046-lz4-too-long", "One byte more than the raw length: refused.", raw: 4,
                "50 68656c6c6f"),
            block(
                "047-lz4-cut", "Ends inside its literals: refused.", raw: 5, "50 68656c6c"),
        ]
    }
}
