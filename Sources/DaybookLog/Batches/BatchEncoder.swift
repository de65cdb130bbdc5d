package import DaybookCore
import Glibc

/// Takes the events of one batch and writes them as protobuf, without intermediate objects.
///
/// Each type name and each tag is stored once a batch; the tables go in front of the events, so a
/// reader needs one pass.
///
/// Format: Schemas/log/FORMAT.md, Batch message.
package struct BatchEncoder: ~Copyable, TagSink {
    private var events = WireWriter(capacity: 4096)
    private var types: [EventType] = []
    /// The stored forms of all tags, one behind the other.
    private var tagBytes = WireWriter(capacity: 1024)
    private var tagEnds: [Int] = []
    /// Numbers of tags by the hash of their bytes, -1 in free places; used only when a batch has many: a
    /// short list is searched faster than it is hashed.
    private var tagPlaces: [Int32] = []
    /// Of the event that is being added.
    private var eventTagIndexes: [UInt64] = []
    package private(set) var eventCount = 0
    /// The first thing that a caller did wrong; the batch is then refused.
    private(set) var problem: EventLogError?

    private static let linearSearchLimit = 16

    init() {}

    /// Adds an event; its payload is written in place.
    ///
    /// - Parameters:
    ///   - schemaVersion: of the payload, from 1.
    ///   - tags: hands the event's tags to the encoder.
    package mutating func event(
        type: EventType, schemaVersion: UInt32 = 1, tags: (inout BatchEncoder) -> Void,
        payload: (inout WireWriter) -> Void
    ) {
        if schemaVersion == 0 {
            note(.invalidBatch, "an event of type \(type) has schema version 0")
        }
        let typeIndex = index(of: type)
        invariant(typeIndex < types.count, "BatchEncoder: every event's type is in the table")
        eventTagIndexes.removeAll(keepingCapacity: true)
        tags(&self)
        invariant(
            eventTagIndexes.isEmpty
                || eventTagIndexes[eventTagIndexes.count - 1] < UInt64(tagEnds.count),
            "BatchEncoder: every event's tags are in the table")
        events.field(BatchField.events) { writer in
            writer.field(EventField.type, varint: UInt64(typeIndex))
            if schemaVersion != 1 {
                writer.field(EventField.schemaVersion, varint: UInt64(schemaVersion))
            }
            writer.field(EventField.tags, packed: eventTagIndexes)
            writer.field(EventField.payload, message: payload)
        }
        eventCount += 1
    }

    package mutating func event(
        type: EventType, schemaVersion: UInt32 = 1, tags: [Tag],
        payload: (inout WireWriter) -> Void
    ) {
        event(
            type: type, schemaVersion: schemaVersion,
            tags: { encoder in for tag in tags { encoder.add(tag) } }, payload: payload)
    }

    private mutating func index(of type: EventType) -> Int {
        for index in types.indices where types[index] == type { return index }
        if type.rawValue.utf8.isEmpty
            || type.rawValue.utf8.count > EventLogLimits.nameByteCount
        {
            note(.tooLarge, "the type name '\(type)' has not 1 ... 1,024 bytes")
        }
        if types.count >= EventLogLimits.batchTypeCount {
            note(.tooLarge, "a batch has at most \(EventLogLimits.batchTypeCount) types")
        }
        types.append(type)
        return types.count - 1
    }

    private mutating func note(_ code: EventLogError.Code, _ message: String) {
        if problem == nil { problem = EventLogError(code, message) }
    }
}

// MARK: - Tags

extension BatchEncoder {
    package mutating func add(label: String, identifier: UInt128) {
        let start = tagBytes.byteCount
        tagBytes.append(text: label)
        tagBytes.append(byte: UInt8(ascii: "="))
        tagBytes.append(identifier: identifier)
        addTag(writtenFrom: start)
    }

    package mutating func add(label: String, text: String) {
        let start = tagBytes.byteCount
        tagBytes.append(text: label)
        tagBytes.append(byte: UInt8(ascii: ":"))
        tagBytes.append(text: text)
        addTag(writtenFrom: start)
    }

    /// Takes the tag whose bytes were just written into the table unless it is there already.
    private mutating func addTag(writtenFrom start: Int) {
        if let known = knownTag(writtenFrom: start) {
            tagBytes.truncate(to: start)
            eventTagIndexes.append(UInt64(known))
        } else {
            invariant(tagBytes.byteCount > start, "BatchEncoder: a tag takes bytes")
            invariant(
                start == tagEnds.last ?? 0, "BatchEncoder: tags lie one behind the other")
            eventTagIndexes.append(UInt64(tagEnds.count))
            tagEnds.append(tagBytes.byteCount)
        }
        invariant(
            tagBytes.byteCount == tagEnds[tagEnds.count - 1],
            "BatchEncoder: a tag that is known leaves nothing behind")
    }

    private mutating func knownTag(writtenFrom start: Int) -> Int? {
        if tagEnds.count <= BatchEncoder.linearSearchLimit {
            let byteCount = tagBytes.byteCount - start
            var lower = 0
            for index in tagEnds.indices {
                let upper = tagEnds[index]
                if upper - lower == byteCount, tagBytes.isSame(at: lower, start, byteCount) {
                    return index
                }
                lower = upper
            }
            return nil
        }
        if tagPlaces.count < 2 * (tagEnds.count + 1) { placeTags(in: 4 * (tagEnds.count + 1)) }
        invariant(
            tagPlaces.count > tagEnds.count, "BatchEncoder: a free place ends every search")
        let byteCount = tagBytes.byteCount - start
        var place = tagPlace(of: start, byteCount)
        while tagPlaces[place] >= 0 {
            let known = tagRange(Int(tagPlaces[place]))
            if known.count == byteCount, tagBytes.isSame(at: known.lowerBound, start, byteCount) {
                return Int(tagPlaces[place])
            }
            place = (place + 1) & (tagPlaces.count - 1)
        }
        tagPlaces[place] = Int32(tagEnds.count)
        return nil
    }

    private mutating func placeTags(in count: Int) {
        let size = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
        invariant(size >= count, "BatchEncoder: as many places as were asked for")
        invariant(size.nonzeroBitCount == 1, "BatchEncoder: a mask finds the places")
        tagPlaces = [Int32](repeating: -1, count: size)
        for tag in tagEnds.indices {
            let range = tagRange(tag)
            var place = tagPlace(of: range.lowerBound, range.count)
            while tagPlaces[place] >= 0 { place = (place + 1) & (size - 1) }
            tagPlaces[place] = Int32(tag)
        }
    }

    /// By the process's own random hash: tags may be chosen by outsiders.
    private func tagPlace(of start: Int, _ byteCount: Int) -> Int {
        var hasher = Hasher()
        tagBytes.withUnsafeBytes { bytes in
            hasher.combine(
                bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]))
        }
        return hasher.finalize() & (tagPlaces.count - 1)
    }

    private func tagRange(_ tag: Int) -> Range<Int> {
        (tag == 0 ? 0 : tagEnds[tag - 1])..<tagEnds[tag]
    }
}

// MARK: - The message

extension BatchEncoder {
    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        events.removeAll()
        types.removeAll(keepingCapacity: true)
        tagBytes.removeAll()
        tagEnds.removeAll(keepingCapacity: true)
        if !tagPlaces.isEmpty { tagPlaces.removeAll(keepingCapacity: true) }
        eventCount = 0
        problem = nil
    }

    // Mutating, so that a writer that holds the encoder lends it in place instead of copying it.

    /// About how long the message will be, never less.
    mutating func byteCountBound(_ metadata: BatchMetadata) -> Int {
        var count = events.byteCount + 256 + metadata.command.utf8.count
        count += metadata.idempotencyKey?.utf8.count ?? 0
        if case .operator(let name?) = metadata.actor { count += name.utf8.count }
        for type in types { count += 4 + type.rawValue.utf8.count }
        // A tag costs its number and at most five bytes of length on top of its own.
        return count + tagBytes.byteCount + 6 * tagEnds.count
    }

    /// Writes the length and the message.
    mutating func write(_ metadata: BatchMetadata, into writer: inout WireWriter) {
        invariant(problem == nil, "BatchEncoder: what was refused is not written")
        invariant(eventCount > 0, "BatchEncoder: a batch has at least one event")
        invariant(!types.isEmpty, "BatchEncoder: events have types")
        invariant(
            events.byteCount >= 2 * eventCount, "BatchEncoder: an event takes at least two bytes")
        invariant(
            tagEnds.last ?? 0 == tagBytes.byteCount, "BatchEncoder: every byte is of a tag")
        invariant(
            types.count <= eventCount, "BatchEncoder: no type without an event")
        writer.delimited { writer in
            writer.field(BatchField.recordedAt, int: metadata.recordedAt.microseconds)
            metadata.actor.encode(field: BatchField.actor, into: &writer)
            writer.field(BatchField.command, text: metadata.command)
            if let key = metadata.idempotencyKey {
                writer.alwaysField(BatchField.idempotencyKey, text: key)
            }
            if let fingerprint = metadata.fingerprint {
                writer.field(BatchField.fingerprint, digest: fingerprint)
            }
            if let correlationID = metadata.correlationID {
                writer.field(BatchField.correlationID, identifier: correlationID.rawValue)
            }
            if let position = metadata.causationPosition {
                writer.alwaysField(BatchField.causationPosition, varint: position.rawValue)
            }
            for type in types { writer.alwaysField(BatchField.eventTypes, text: type.rawValue) }
            // Here and not in a function of its own, which would be called on a copy of the encoder.
            tagBytes.withUnsafeBytes { bytes in
                var lower = 0
                for upper in tagEnds {
                    writer.alwaysField(
                        BatchField.tags,
                        raw: UnsafeRawBufferPointer(rebasing: bytes[lower..<upper]))
                    lower = upper
                }
            }
            events.withUnsafeBytes { writer.append(raw: $0) }
        }
    }
}

extension WireWriter {
    /// Whether the same bytes stand at both places.
    fileprivate func isSame(at first: Int, _ second: Int, _ byteCount: Int) -> Bool {
        withUnsafeBytes { bytes in
            let start = established(bytes.baseAddress, "BatchEncoder: both tags were written")
            return memcmp(start + first, start + second, byteCount) == 0
        }
    }
}
