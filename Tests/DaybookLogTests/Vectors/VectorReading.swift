import DaybookCore

@testable import DaybookLog

/// What today's code reads in a vector, as its JSON file says it; identifiers, digests and bytes are
/// hexadecimal, times microseconds.
enum VectorReading {
    static func structure(_ kind: StructureKind, _ bytes: [UInt8]) -> Any {
        do {
            return try bytes.withUnsafeBytes { bytes -> Any in
                switch kind {
                case .segmentHeader:
                    fields(try SegmentHeader(decoding: bytes, forWriting: false))
                case .frame: try frame(bytes)
                case .markFile:
                    [slot(bytes.slice(0, 256), parity: 0), slot(bytes.slice(4096, 256), parity: 1)]
                case .sealAndTrailer: try sealAndTrailer(bytes)
                case .batch: try batch(bytes)
                case .lz4Block: try block(bytes)
                }
            }
        } catch {
            return "refused"
        }
    }

    static func identifier(_ rawValue: UInt128) -> String {
        hex(withUnsafeBytes(of: rawValue.bigEndian) { Array($0) })
    }

    private static func fields(_ header: SegmentHeader) -> [String: Any] {
        [
            "minor": header.formatMinor, "log_id": identifier(header.logID.rawValue),
            "segment": header.number, "number": header.firstFrameNumber,
            "batch": header.firstBatchNumber, "position": header.firstPosition.rawValue,
            "created": header.createdAt.microseconds, "epoch": header.writerEpoch,
            "length": header.byteCount, "features": header.incompatibleFeatures,
            "writer_features": header.readOnlyCompatibleFeatures,
            "other_features": header.compatibleFeatures, "chain": header.chain.description,
            "previous_seal": header.previousSeal.description, "salt": header.salt.description,
        ]
    }

    private static func fields(_ frame: FrameHeader) -> [String: Any] {
        [
            "kind": frame.kind.rawValue, "codec": frame.codec.rawValue, "flags": frame.flags,
            "stored": frame.storedByteCount, "raw": frame.rawByteCount,
            "number": frame.frameNumber, "batch": frame.firstBatchNumber,
            "position": frame.firstPosition.rawValue, "batches": frame.batchCount,
            "events": frame.eventCount, "time": frame.time.microseconds,
            "epoch": frame.writerEpoch, "payload_crc": frame.payloadChecksum,
            "chain": frame.chain.description, "offset": frame.byteOffset,
            "durable": frame.durableOffset,
            "tag": hex(withUnsafeBytes(of: frame.segmentTag.littleEndian) { Array($0) }),
        ]
    }

    private static func frame(_ bytes: UnsafeRawBufferPointer) throws -> [String: Any] {
        let header = try FrameHeader(decoding: bytes)
        var read = fields(header)
        guard bytes.count > FrameHeader.byteCount else { return read }
        let stored = bytes.slice(FrameHeader.byteCount, Int(header.storedByteCount))
        guard Checksum.crc32c(stored) == header.payloadChecksum else {
            throw FrameDefect.payloadChecksum
        }
        let scratch = GrowingBuffer()
        try withExtendedLifetime(scratch) {
            let raw = try FramePayload.raw(of: header, frame: bytes, scratch: scratch)
            guard header.kind == .batches else {
                read["raw_bytes"] = hex(Array(raw))
                return
            }
            var batches: [[String: Any]] = []
            _ = try FramePayload.visit(header, raw: raw, tables: BatchTables()) { view in
                batches.append(fields(try view.recorded()))
                return true
            }
            read["content"] = batches
        }
        return read
    }

    private static func slot(_ bytes: UnsafeRawBufferPointer, parity: UInt64) -> Any {
        switch CommitMark.slot(decoding: bytes, parity: parity) {
        case .empty: "empty"
        case .damaged: "damaged"
        case .valid(let mark):
            [
                "log_id": identifier(mark.logID.rawValue), "generation": mark.generation,
                "epoch": mark.writerEpoch, "flags": mark.flags.rawValue,
                "segment": mark.segmentNumber, "durable": mark.durableOffset,
                "number": mark.nextFrameNumber, "batch": mark.nextBatchNumber,
                "position": mark.nextPosition.rawValue, "time": mark.lastTime.microseconds,
                "chain": mark.chain.description, "tree_size": mark.signedTreeSize,
                "tree_root": mark.signedTreeRoot.description,
            ] as [String: Any]
        }
    }

    private static func sealAndTrailer(_ bytes: UnsafeRawBufferPointer) throws -> [String: Any] {
        let frame = try FrameHeader(decoding: bytes)
        let seal = try Seal(
            decoding: bytes.slice(FrameHeader.byteCount, Int(frame.storedByteCount)))
        let fileByteCount = frame.byteOffset + UInt64(bytes.count)
        guard
            let trailer = SegmentTrailer(
                decoding: bytes.slice(bytes.count - 64, 64), fileByteCount: fileByteCount)
        else { throw FrameDefect.content("trailer") }
        return [
            "frame": fields(frame),
            "seal": [
                "frames": seal.tally.frameCount, "batches": seal.tally.batchCount,
                "events": seal.tally.eventCount, "raw": seal.tally.rawByteCount,
                "stored": seal.tally.storedByteCount,
                "first_time": seal.tally.firstTime?.microseconds ?? 0,
                "last_time": seal.tally.lastTime?.microseconds ?? 0,
                "number": seal.nextFrameNumber, "batch": seal.nextBatchNumber,
                "position": seal.nextPosition.rawValue, "tree_size": seal.frontier.size,
                "root": seal.merkleRoot.description,
                "header_digest": seal.tally.headerDigest.description,
                "subtrees": seal.frontier.subtrees.map(\.description),
                "index": seal.tally.entries.map { entry in
                    [
                        entry.byteOffset, entry.frameNumber, entry.batchNumber,
                        entry.position.rawValue, entry.time.microseconds,
                    ] as [Any]
                },
            ] as [String: Any],
            "trailer": [
                "log_id": identifier(trailer.logID.rawValue), "segment": trailer.segmentNumber,
                "seal_offset": trailer.sealOffset, "seal_length": trailer.sealByteCount,
                "length": trailer.fileByteCount,
            ] as [String: Any],
        ]
    }

    /// A message as it is in a frame whose first batch is 11 and whose first position is 13.
    private static func batch(_ message: UnsafeRawBufferPointer) throws -> [String: Any] {
        let view = try BatchView(
            message, number: 11, firstPosition: position(13), tables: BatchTables())
        return fields(try view.recorded())
    }

    static func fields(_ batch: RecordedBatch) -> [String: Any] {
        var read: [String: Any] = [
            "batch": batch.number, "recorded_at": batch.metadata.recordedAt.microseconds,
            "actor": text(batch.metadata.actor), "command": batch.metadata.command,
            "events": batch.events.map { event in
                [
                    "position": event.position.rawValue, "type": event.type.rawValue,
                    "schema_version": event.schemaVersion, "tags": event.tags.map(text),
                    "payload": hex(event.payload),
                ] as [String: Any]
            },
        ]
        read["idempotency_key"] = batch.metadata.idempotencyKey
        read["fingerprint"] = batch.metadata.fingerprint?.description
        read["correlation_id"] = batch.metadata.correlationID.map { identifier($0.rawValue) }
        read["causation_position"] = batch.metadata.causationPosition?.rawValue
        return read
    }

    /// As the bytes are, identifiers as hexadecimal: this text knows no prefixes.
    private static func text(_ tag: Tag) -> String {
        switch tag.value {
        case .text(let text): "\(tag.label):\(text)"
        case .identifier(let rawValue): "\(tag.label)=\(identifier(rawValue))"
        }
    }

    private static func text(_ actor: Actor) -> String {
        if case .user(let user) = actor { return "user=\(identifier(user.rawValue))" }
        return actor.description
    }

    private static func block(_ bytes: UnsafeRawBufferPointer) throws -> String {
        var raw = [UInt8](repeating: 0, count: Int(bytes.uint32(at: 0)))
        try raw.withUnsafeMutableBytes {
            try FrameCompression.decompress(bytes.slice(4, bytes.count - 4), into: $0)
        }
        return hex(raw)
    }
}

// MARK: - Whole logs

extension VectorReading {
    static func log(_ disk: SimulatedDisk) throws -> [String: Any] {
        let report = try LogVerifier.verify(storage: disk.readOnly(), hash: .sha256)
        let verdict = verdict(report, disk)
        var read: [String: Any] = [
            "verdict": verdict,
            "findings": firstOfEachFile(report.findings).map { finding in
                // `verify` knows no kind of its own for what a later version wrote.
                verdict == "newer" ? finding.replacing("CORRUPT", with: "NEWER") : finding
            },
        ]
        guard report.isSound else { return read }
        read["segments"] = report.segmentCount
        read["frames"] = report.frameCount
        read["batches"] = report.batchCount
        read["events"] = report.eventCount
        read["chain"] = report.head?.chain.description
        read["merkle_root"] = report.merkleRoot?.description
        let reader = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        read["proven_position"] = reader.head.position.rawValue
        return read
    }

    /// What the mark vouches for.
    static func batches(_ disk: SimulatedDisk) throws -> [[String: Any]] {
        var batches: [[String: Any]] = []
        try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
            .forEachBatch(from: .start, through: nil) { view in
                batches.append(fields(try view.recorded()))
                return true
            }
        return batches
    }

    private static func verdict(_ report: VerificationReport, _ disk: SimulatedDisk) -> String {
        guard !report.isSound else { return "sound" }
        do throws(EventLogError) {
            _ = try LogDirectory.open(
                storage: disk.killed(), hash: .sha256, clock: TestClock().read)
            return "damaged"
        } catch {
            return error.code == .newerFormat ? "newer" : "damaged"
        }
    }

    /// Where damage begins in each file; how it was noticed is every reader's own matter.
    private static func firstOfEachFile(_ findings: [DamageFinding]) -> [String] {
        var files: Set<String> = []
        return findings.filter { files.insert($0.file).inserted }.map { finding in
            var finding = finding
            finding.evidence = ""
            finding.repair = nil
            return String(finding.description.dropLast(" evidence=".count))
        }
    }
}
