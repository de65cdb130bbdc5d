package import DaybookCore

/// Takes the events of one batch and writes them as protobuf, without intermediate objects.
///
/// Each type name and each tag is stored once a batch; the tables go in front of the events, so a
/// reader needs one pass.
///
/// Format: Schemas/log/FORMAT.md, Batch message.
package struct BatchEncoder {
    private var events = WireWriter(capacity: 4096)
    private var types: [EventType] = []
    private var tags: [Tag] = []
    /// Used only when a batch has many tags: a short list is searched faster than it is hashed.
    private var tagIndexes: [Tag: Int] = [:]
    private var eventTagIndexes: [UInt64] = []
    package private(set) var eventCount = 0
    /// The first thing that a caller did wrong; the batch is then refused.
    private(set) var problem: EventLogError?

    private static let linearSearchLimit = 16

    init() {}

    /// Adds an event; its payload is written in place.
    ///
    /// - Parameter schemaVersion: of the payload, from 1.
    package mutating func event(
        type: EventType, schemaVersion: UInt32 = 1, tags: [Tag],
        payload: (inout WireWriter) -> Void
    ) {
        if schemaVersion == 0 {
            note(.invalidBatch, "an event of type \(type) has schema version 0")
        }
        let typeIndex = index(of: type)
        eventTagIndexes.removeAll(keepingCapacity: true)
        for tag in tags { eventTagIndexes.append(UInt64(index(of: tag))) }
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

    private mutating func index(of tag: Tag) -> Int {
        if tags.count <= BatchEncoder.linearSearchLimit {
            for index in tags.indices where tags[index] == tag { return index }
        } else {
            if tagIndexes.isEmpty {
                for (index, tag) in tags.enumerated() { tagIndexes[tag] = index }
            }
            if let index = tagIndexes[tag] { return index }
            tagIndexes[tag] = tags.count
        }
        tags.append(tag)
        return tags.count - 1
    }

    private mutating func note(_ code: EventLogError.Code, _ message: String) {
        if problem == nil { problem = EventLogError(code, message) }
    }
}

// MARK: - The message

extension BatchEncoder {
    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        events.removeAll()
        types.removeAll(keepingCapacity: true)
        tags.removeAll(keepingCapacity: true)
        if !tagIndexes.isEmpty { tagIndexes.removeAll(keepingCapacity: true) }
        eventCount = 0
        problem = nil
    }

    /// About how long the message will be, never less.
    func byteCountBound(_ metadata: BatchMetadata) -> Int {
        var count = events.byteCount + 256 + metadata.command.utf8.count
        count += metadata.idempotencyKey?.utf8.count ?? 0
        if case .operator(let name?) = metadata.actor { count += name.utf8.count }
        for type in types { count += 4 + type.rawValue.utf8.count }
        for tag in tags {
            count += 24
            if case .text(let text) = tag.value { count += text.utf8.count }
        }
        return count
    }

    /// Writes the length and the message.
    func write(_ metadata: BatchMetadata, into writer: inout WireWriter) {
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
            for tag in tags {
                writer.field(BatchField.tags) { writer in tag.encode(into: &writer) }
            }
            events.bytes.withUnsafeBytes { writer.append(raw: $0) }
        }
    }
}
