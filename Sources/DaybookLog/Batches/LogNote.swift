package import DaybookCore

/// A note about the log itself: which schemas its events have, what was repaired, what was given up.
///
/// Format: Schemas/log/batch.proto, message Note.
package struct LogNote: Hashable, Sendable {
    /// Bytes that were put right with a proof.
    package struct Repair: Hashable, Sendable {
        package var file: String
        package var byteRange: Range<UInt64>
        /// The one bit that was wrong, when it was one.
        package var bit: Int?
        package var proof: String
        /// Where the damaged original is kept.
        package var original: String
    }

    /// Acknowledged events that an operator gave up.
    package struct Loss: Hashable, Sendable {
        package var file: String
        package var byteRange: Range<UInt64>
        package var firstPosition: LogPosition
        /// How many positions are lost; they are never used for anything else.
        package var positionCount: UInt64
        package var firstBatchNumber: UInt64
        package var batchCount: UInt64
        package var evidence: String
        package var original: String
    }

    package var schemas: [UInt8] = []
    package var repairs: [Repair] = []
    package var losses: [Loss] = []
    package var operatorName = ""
    package var reason = ""
    package var decidedAt = Instant(microseconds: 0)

    /// Whether a note's payload carries schemas; its fields stand in ascending order.
    static func holdsSchemas(_ payload: UnsafeRawBufferPointer) -> Bool {
        payload.first == 0x0A
    }
}

// MARK: - Encoding

extension LogNote {
    package var encoded: [UInt8] {
        var writer = WireWriter(capacity: 256 + schemas.count)
        writer.field(1, bytes: schemas)
        for repair in repairs {
            writer.field(2) { writer in
                writer.field(1, text: repair.file)
                writer.field(2, varint: repair.byteRange.lowerBound)
                writer.field(3, varint: repair.byteRange.upperBound)
                if let bit = repair.bit { writer.alwaysField(4, varint: UInt64(bit)) }
                writer.field(5, text: repair.proof)
                writer.field(6, text: repair.original)
            }
        }
        for loss in losses {
            writer.field(3) { writer in
                writer.field(1, text: loss.file)
                writer.field(2, varint: loss.byteRange.lowerBound)
                writer.field(3, varint: loss.byteRange.upperBound)
                writer.field(4, varint: loss.firstPosition.rawValue)
                writer.field(5, varint: loss.positionCount)
                writer.field(6, varint: loss.firstBatchNumber)
                writer.field(7, varint: loss.batchCount)
                writer.field(8, text: loss.evidence)
                writer.field(9, text: loss.original)
            }
        }
        writer.field(4, text: operatorName)
        writer.field(5, text: reason)
        writer.field(6, int: decidedAt.microseconds)
        return writer.bytes
    }

    package init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: schemas = try reader.bytes(tag)
            case 2:
                var inner = try reader.message(tag)
                repairs.append(try Repair(from: &inner))
            case 3:
                var inner = try reader.message(tag)
                losses.append(try Loss(from: &inner))
            case 4: operatorName = try reader.text(tag)
            case 5: reason = try reader.text(tag)
            case 6: decidedAt = Instant(microseconds: try reader.int64(tag))
            default: try reader.skip(tag)
            }
        }
    }
}

extension LogNote.Repair {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        var (first, end) = (UInt64(0), UInt64(0))
        self.init(file: "", byteRange: 0..<0, bit: nil, proof: "", original: "")
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: file = try reader.text(tag)
            case 2: first = try reader.varint(tag)
            case 3: end = try reader.varint(tag)
            case 4: bit = Int(try reader.uint32(tag) & 7)
            case 5: proof = try reader.text(tag)
            case 6: original = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        byteRange = first..<max(first, end)
    }
}

extension LogNote.Loss {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        var (first, end) = (UInt64(0), UInt64(0))
        self.init(
            file: "", byteRange: 0..<0, firstPosition: .start, positionCount: 0,
            firstBatchNumber: 0, batchCount: 0, evidence: "", original: "")
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: file = try reader.text(tag)
            case 2: first = try reader.varint(tag)
            case 3: end = try reader.varint(tag)
            case 4: firstPosition = LogPosition(rawValue: try reader.varint(tag))
            case 5: positionCount = try reader.varint(tag)
            case 6: firstBatchNumber = try reader.varint(tag)
            case 7: batchCount = try reader.varint(tag)
            case 8: evidence = try reader.text(tag)
            case 9: original = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        byteRange = first..<max(first, end)
    }
}

extension LogReader {
    /// What was ever repaired or given up in this log, oldest first. Reads all frame headers.
    package func records() throws(EventLogError) -> [LogNote] {
        let scan = FrameScan(
            self, segments: snapshot().segments, from: LogPosition(rawValue: 1),
            readAhead: 1 << 20)
        var notes: [LogNote] = []
        while let found = try scan.next() {
            guard found.header.kind == .note else { continue }
            let raw = try scan.raw(of: found)
            do throws(WireError) {
                let note = try LogNote(decoding: raw)
                if !note.repairs.isEmpty || !note.losses.isEmpty { notes.append(note) }
            } catch {
                throw LogReader.damage(found, "content(\(error))")
            }
        }
        return notes
    }
}
