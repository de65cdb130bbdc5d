/// A batch as the oracle decodes it.
package struct NaiveBatch: Hashable, Sendable {
    package struct Event: Hashable, Sendable {
        package var type: [UInt8]
        package var schemaVersion: UInt64
        package var tags: [[UInt8]]
        package var payload: [UInt8]
    }

    package var number: UInt64
    package var firstPosition: UInt64
    package var command: [UInt8] = []
    package var key: [UInt8]?
    package var events: [Event] = []
}

/// Protobuf fields, one after another.
private struct NaiveFields {
    let bytes: NaiveBytes
    var at = 0

    init(_ bytes: NaiveBytes) { self.bytes = bytes }

    mutating func varint() throws(NaiveDefect) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard at < bytes.count else { throw NaiveDefect("a number ends early") }
            let byte = bytes.bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw NaiveDefect("a number is too long")
    }

    mutating func delimited() throws(NaiveDefect) -> NaiveBytes {
        let count = Int(truncatingIfNeeded: try varint())
        let slice = try bytes.slice(at, count)
        at += count
        return slice
    }

    /// Hands out each field: its number, and its value as a number or as bytes.
    mutating func forEach(
        _ body: (UInt64, UInt64, NaiveBytes?) throws(NaiveDefect) -> Void
    ) throws(NaiveDefect) {
        while at < bytes.count {
            let key = try varint()
            switch key & 7 {
            case 0: try body(key >> 3, try varint(), nil)
            case 2: try body(key >> 3, 0, try delimited())
            default: throw NaiveDefect("wire type \(key & 7)")
            }
        }
    }
}

extension NaiveBatch {
    /// Every batch in a frame's raw payload, with its message for the Merkle leaf.
    static func all(
        in raw: NaiveBytes, number: UInt64, position: UInt64
    ) throws(NaiveDefect) -> [(batch: NaiveBatch, message: NaiveBytes)] {
        var fields = NaiveFields(raw)
        var batches: [(NaiveBatch, NaiveBytes)] = []
        var number = number
        var position = position
        while fields.at < raw.count {
            let message = try fields.delimited()
            let batch = try NaiveBatch(message, number: number, position: position)
            number += 1
            position += UInt64(batch.events.count)
            batches.append((batch, message))
        }
        return batches
    }

    private init(_ message: NaiveBytes, number: UInt64, position: UInt64) throws(NaiveDefect) {
        self.number = number
        firstPosition = position
        var types: [[UInt8]] = []
        var tags: [[UInt8]] = []
        var fields = NaiveFields(message)
        try fields.forEach { (field, _, content) throws(NaiveDefect) in
            switch (field, content) {
            case (3, let content?): command = Array(content.bytes)
            case (4, let content?): key = Array(content.bytes)
            case (8, let content?): types.append(Array(content.bytes))
            case (9, let content?): tags.append(Array(content.bytes))
            case (10, let content?):
                events.append(try NaiveBatch.event(content, types, tags))
            default: break
            }
        }
        guard !events.isEmpty else { throw NaiveDefect("a batch without events") }
    }

    private static func event(
        _ content: NaiveBytes, _ types: [[UInt8]], _ tags: [[UInt8]]
    ) throws(NaiveDefect) -> Event {
        var type = 0
        var event = Event(type: [], schemaVersion: 1, tags: [], payload: [])
        var indexes: [Int] = []
        var fields = NaiveFields(content)
        try fields.forEach { (field, value, content) throws(NaiveDefect) in
            switch (field, content) {
            case (1, nil): type = Int(truncatingIfNeeded: value)
            case (2, nil): event.schemaVersion = value
            case (3, nil): indexes.append(Int(truncatingIfNeeded: value))
            case (3, let packed?):
                var numbers = NaiveFields(packed)
                while numbers.at < packed.count {
                    indexes.append(Int(truncatingIfNeeded: try numbers.varint()))
                }
            case (4, let content?): event.payload = Array(content.bytes)
            default: break
            }
        }
        guard types.indices.contains(type) else { throw NaiveDefect("type \(type) not in table") }
        event.type = types[type]
        for index in indexes {
            guard tags.indices.contains(index) else { throw NaiveDefect("tag not in table") }
            event.tags.append(tags[index])
        }
        return event
    }
}
