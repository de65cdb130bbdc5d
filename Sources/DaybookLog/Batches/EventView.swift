package import DaybookCore

/// One event in place: nothing is copied until it is asked for.
///
/// Valid only inside the closure that lent it.
package struct EventView: ~Copyable {
    package let position: LogPosition
    private let typeNumber: Int
    /// From 1.
    package let schemaVersion: UInt32
    package let payload: UnsafeRawBufferPointer
    private let tagIndexes: UnsafeRawBufferPointer
    /// The batch that the view is of owns them.
    private unowned(unsafe) let tables: BatchTables

    init(decoding message: WireReader, position: LogPosition, tables: BatchTables)
        throws(BatchDefect)
    {
        var typeIndex: UInt64 = 0
        var schemaVersion: UInt64 = 1
        var tagIndexes = UnsafeRawBufferPointer(start: nil, count: 0)
        var payload = UnsafeRawBufferPointer(start: nil, count: 0)
        var reader = message
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                switch tag.field {
                case EventField.type: typeIndex = try reader.varint(tag)
                case EventField.schemaVersion: schemaVersion = try reader.varint(tag)
                case EventField.tags: tagIndexes = try reader.delimited(tag)
                case EventField.payload: payload = try reader.delimited(tag)
                default: try reader.skip(tag)
                }
            }
        } catch {
            throw BatchDefect(error)
        }
        guard typeIndex < UInt64(tables.state.pointee.types.count) else {
            throw BatchDefect("type index")
        }
        guard schemaVersion >= 1, schemaVersion <= UInt64(UInt32.max) else {
            throw BatchDefect("schema version")
        }
        self.position = position
        typeNumber = tables.state.pointee.types[Int(typeIndex)]
        self.schemaVersion = UInt32(schemaVersion)
        self.payload = payload
        self.tagIndexes = tagIndexes
        self.tables = tables
    }

    package var type: EventType {
        EventType(rawValue: tables.state.pointee.names.text(typeNumber))
    }

    /// What whoever visits the events has worked out about this one's type and schema version, if it is
    /// still known: so that names need not be compared for each event.
    package var kindNote: UInt32? {
        tables.state.pointee.names.note(typeNumber, version: schemaVersion)
    }

    /// Notes something for all events of this type and schema version that follow in the scan.
    package func setKindNote(_ value: UInt32) {
        tables.state.pointee.names.setNote(typeNumber, version: schemaVersion, to: value)
    }

    /// Hands out the place of each tag in its batch's table, which has one there.
    func forEachTagNumber(_ body: (Int) throws(BatchDefect) -> Void) throws(BatchDefect) {
        var reader = WireReader(tagIndexes)
        while !reader.isAtEnd {
            let index: UInt64
            do throws(WireError) { index = try reader.varint() } catch { throw BatchDefect(error) }
            guard index < UInt64(tables.state.pointee.tags.count) else {
                throw BatchDefect("tag index")
            }
            try body(Int(index))
        }
    }

    /// Hands out the stored form of each tag, in place.
    package func forEachStoredTag(_ body: (UnsafeRawBufferPointer) -> Void) throws(BatchDefect) {
        // A few bytes may name a long tag again and again.
        var byteCount = 0
        try forEachTagNumber { number throws(BatchDefect) in
            let tag = tables.state.pointee.tags[number]
            byteCount += tag.count
            guard byteCount <= EventLogLimits.batchByteCount else { throw BatchDefect("tags") }
            body(tag)
        }
    }

    /// The tags, made anew at each call.
    package func tags() throws(BatchDefect) -> [Tag] {
        var tags: [Tag] = []
        var isMalformed = false
        try forEachStoredTag { stored in
            guard let tag = Tag(stored: stored) else {
                isMalformed = true
                return
            }
            tags.append(tag)
        }
        guard !isMalformed else { throw BatchDefect("tag") }
        return tags
    }

    /// A copy that outlives the closure.
    package func recorded() throws(BatchDefect) -> RecordedEvent {
        RecordedEvent(
            position: position, type: type, schemaVersion: schemaVersion, tags: try tags(),
            payload: Array(payload))
    }
}
