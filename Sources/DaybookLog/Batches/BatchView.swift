package import DaybookCore

/// One batch in place: visiting costs no allocation per event.
///
/// Valid only inside the closure that lent it.
package struct BatchView: ~Copyable {
    /// Dense, from 1.
    package let number: UInt64
    package let firstPosition: LogPosition
    package let eventCount: Int
    /// The uncompressed protobuf message; the Merkle leaf covers exactly this.
    package let message: UnsafeRawBufferPointer
    /// What was recorded once, and perhaps tables; nothing of it stands behind.
    private let metadataFields: UnsafeRawBufferPointer
    private let events: UnsafeRawBufferPointer
    private let tables: BatchTables

    /// Reads the head and counts the events, which are looked at only when they are visited.
    init(
        _ message: UnsafeRawBufferPointer, number: UInt64, firstPosition: LogPosition,
        tables: BatchTables
    ) throws(BatchDefect) {
        tables.removeAll()
        self.number = number
        self.firstPosition = firstPosition
        self.message = message
        self.tables = tables
        var reader = WireReader(message)
        var headByteCount = 0
        var metadataByteCount = 0
        var eventCount = 0
        do throws(WireError) {
            while true {
                let offset = message.count - reader.remainingByteCount
                guard let tag = try reader.nextTag() else { break }
                if tag.field == BatchField.events {
                    if eventCount == 0 { headByteCount = offset }
                    _ = try reader.delimited(tag)
                    eventCount += 1
                    continue
                }
                // Tables stand before the events, so that one pass is enough; a later version's
                // fields may follow them.
                guard eventCount == 0 || tag.field > BatchField.events else {
                    throw .badValue(field: tag.field)
                }
                let isOfTable = try BatchView.readTables(tag, &reader, tables)
                if !isOfTable, eventCount == 0 {
                    metadataByteCount = message.count - reader.remainingByteCount
                }
            }
        } catch {
            throw BatchDefect(error)
        }
        guard eventCount > 0 else { throw BatchDefect("no event") }
        self.eventCount = eventCount
        invariant(
            metadataByteCount <= headByteCount, "BatchView: metadata stand before the events")
        metadataFields = message.slice(0, metadataByteCount)
        events = message.slice(headByteCount, message.count - headByteCount)
        invariant(2 * eventCount <= events.count, "BatchView: an event takes at least two bytes")
        invariant(
            tables.state.pointee.types.count <= EventLogLimits.batchTypeCount,
            "BatchView: a table of types has its limit")
    }

    /// How many events a message has, without looking at anything else.
    static func eventCount(of message: UnsafeRawBufferPointer) throws(BatchDefect) -> Int {
        var reader = WireReader(message)
        var eventCount = 0
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                if tag.field == BatchField.events { eventCount += 1 }
                // Nearly all fields have a length; where they are stepped over here, none is called for.
                if tag.wireType == 2 { _ = try reader.delimited() } else { try reader.skip(tag) }
            }
        } catch {
            throw BatchDefect(error)
        }
        guard eventCount > 0 else { throw BatchDefect("no event") }
        invariant(
            2 * eventCount <= message.count, "BatchView: every event that is counted takes bytes")
        return eventCount
    }

    /// - Returns: whether the field is one of a table.
    private static func readTables(
        _ tag: WireTag, _ reader: inout WireReader, _ tables: BatchTables
    ) throws(WireError) -> Bool {
        switch tag.field {
        case BatchField.eventTypes:
            guard tables.state.pointee.types.count < EventLogLimits.batchTypeCount,
                tables.addType(named: try reader.delimited(tag))
            else {
                throw .badValue(field: tag.field)
            }
        case BatchField.tags:
            tables.state.pointee.tags.append(try reader.delimited(tag))
        default:
            try reader.skip(tag)
            return false
        }
        return true
    }

    /// Whether the batch's table has a tag, given in its stored form.
    func names(_ tag: [UInt8]) -> Bool {
        tag.withUnsafeBytes { tag in
            for stored in tables.state.pointee.tags where stored.hasSameBytes(as: tag) {
                return true
            }
            return false
        }
    }

    package var lastPosition: LogPosition { firstPosition.advanced(by: eventCount - 1) }
}

// MARK: - Visiting

extension BatchView {
    /// Hands out the stored form of each tag in the table, in its order.
    func forEachStoredTag(_ body: (UnsafeRawBufferPointer) -> Void) {
        for tag in tables.state.pointee.tags { body(tag) }
    }

    /// Visits the events in the order of their positions.
    package func forEachEvent(_ body: (borrowing EventView) throws -> Void) throws {
        var reader = WireReader(events)
        var position = firstPosition
        while let tag = try reader.nextTag() {
            guard tag.field == BatchField.events else {
                try reader.skip(tag)
                continue
            }
            let event = try EventView(
                decoding: try reader.message(tag), position: position, tables: tables)
            try body(event)
            position = position.advanced(by: 1)
        }
        invariant(
            position.rawValue == firstPosition.rawValue + UInt64(eventCount),
            "BatchView: as many events are visited as were counted")
    }

    /// What was recorded once for the batch; made anew at each call.
    package func metadata() throws(BatchDefect) -> BatchMetadata {
        do throws(WireError) { return try decodeMetadata() } catch { throw BatchDefect(error) }
    }

    private func decodeMetadata() throws(WireError) -> BatchMetadata {
        var metadata = BatchMetadata(
            recordedAt: Instant(microseconds: 0), actor: .system, command: "")
        var hasActor = false
        var reader = WireReader(metadataFields)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case BatchField.recordedAt:
                metadata.recordedAt = Instant(microseconds: try reader.int64(tag))
            case BatchField.actor:
                guard let actor = Actor(stored: try reader.delimited(tag)) else {
                    throw .badValue(field: tag.field)
                }
                metadata.actor = actor
                hasActor = true
            case BatchField.command:
                let name = try reader.delimited(tag)
                guard let number = tables.state.pointee.names.number(of: name) else {
                    throw .badValue(field: tag.field)
                }
                metadata.command = tables.state.pointee.names.text(number)
            case BatchField.idempotencyKey: metadata.idempotencyKey = try reader.text(tag)
            case BatchField.fingerprint: metadata.fingerprint = try reader.digest(tag)
            case BatchField.correlationID:
                metadata.correlationID = CorrelationID(rawValue: try reader.identifier(tag))
            case BatchField.causationPosition:
                metadata.causationPosition = LogPosition(rawValue: try reader.varint(tag))
            default: try reader.skip(tag)
            }
        }
        guard hasActor else { throw .missing(field: BatchField.actor) }
        return metadata
    }

    /// Refuses what `metadata()` would refuse; makes no strings.
    private func validateMetadata() throws(WireError) {
        var hasActor = false
        var reader = WireReader(metadataFields)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case BatchField.recordedAt, BatchField.causationPosition: _ = try reader.varint(tag)
            case BatchField.actor:
                guard Actor.isStored(try reader.delimited(tag)) else {
                    throw .badValue(field: tag.field)
                }
                hasActor = true
            case BatchField.command, BatchField.idempotencyKey:
                guard try reader.delimited(tag).isUTF8 else { throw .badValue(field: tag.field) }
            case BatchField.fingerprint: _ = try reader.digest(tag)
            case BatchField.correlationID: _ = try reader.identifier(tag)
            default: try reader.skip(tag)
            }
        }
        guard hasActor else { throw .missing(field: BatchField.actor) }
    }

    /// Copies the batch.
    package func recorded() throws -> RecordedBatch {
        var recorded: [RecordedEvent] = []
        recorded.reserveCapacity(eventCount)
        try forEachEvent { event in recorded.append(try event.recorded()) }
        return RecordedBatch(number: number, metadata: try metadata(), events: recorded)
    }

    /// Reads everything once, so that malformed content shows.
    ///
    /// - Complexity: O(*n*) in the message's bytes: a tag is read once, however often it is named.
    func validate() throws {
        do throws(WireError) { try validateMetadata() } catch { throw BatchDefect(error) }
        for stored in tables.state.pointee.tags where !Tag.isStored(stored) {
            throw BatchDefect("tag")
        }
        try forEachEvent { event in try event.forEachStoredTag { _ in } }
    }
}
