package import DaybookCore

/// One event in place: nothing is copied until it is asked for.
///
/// Valid only inside the closure that lent it.
package struct EventView: ~Copyable {
    package let position: LogPosition
    package let type: EventType
    /// From 1.
    package let schemaVersion: UInt32
    package let payload: UnsafeRawBufferPointer
    private let tagIndexes: UnsafeRawBufferPointer
    private let tables: BatchTables

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
        guard typeIndex < UInt64(tables.types.count) else { throw BatchDefect("type index") }
        guard schemaVersion >= 1, schemaVersion <= UInt64(UInt32.max) else {
            throw BatchDefect("schema version")
        }
        self.position = position
        self.type = tables.types[Int(typeIndex)]
        self.schemaVersion = UInt32(schemaVersion)
        self.payload = payload
        self.tagIndexes = tagIndexes
        self.tables = tables
    }

    /// Hands out the stored form of each tag, in place.
    package func forEachStoredTag(_ body: (UnsafeRawBufferPointer) -> Void) throws(BatchDefect) {
        var reader = WireReader(tagIndexes)
        while !reader.isAtEnd {
            let index: UInt64
            do throws(WireError) { index = try reader.varint() } catch { throw BatchDefect(error) }
            guard index < UInt64(tables.tags.count) else { throw BatchDefect("tag index") }
            body(tables.tags[Int(index)])
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

    /// Checks what `tags()` would read, without making it.
    func validateTags() throws(BatchDefect) {
        var isMalformed = false
        try forEachStoredTag { stored in
            if !Tag.isStored(stored) { isMalformed = true }
        }
        guard !isMalformed else { throw BatchDefect("tag") }
    }

    /// A copy that outlives the closure.
    package func recorded() throws(BatchDefect) -> RecordedEvent {
        RecordedEvent(
            position: position, type: type, schemaVersion: schemaVersion, tags: try tags(),
            payload: Array(payload))
    }
}
