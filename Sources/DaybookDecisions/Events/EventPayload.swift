public import DaybookCore

/// A message that stands in protobuf wire format, without generated runtime.
package protocol WireMessage {
    func encode(into writer: inout WireWriter)
    init(from reader: inout WireReader) throws(WireError)
}

/// What an event says; its name and schema version are storage format.
public protocol EventPayload: Hashable, Sendable {
    static var type: EventType { get }
    static var schemaVersion: UInt32 { get }
}

extension EventPayload {
    public var type: EventType { Self.type }
    public var schemaVersion: UInt32 { Self.schemaVersion }
}

extension WireReader {
    /// Reads an embedded message.
    package mutating func decode<Message: WireMessage>(
        _ message: Message.Type, _ tag: WireTag
    ) throws(WireError) -> Message {
        var inner = try self.message(tag)
        return try Message(from: &inner)
    }

    /// Reads an embedded message behind those of its list. Lists are mostly longer than one and seldom than
    /// four: growing to that step by step would take memory three times.
    package mutating func decode<Message: WireMessage>(
        _ tag: WireTag, into list: inout [Message]
    ) throws(WireError) {
        if list.isEmpty { list.reserveCapacity(4) }
        list.append(try decode(Message.self, tag))
    }

    /// Passes a raw value through a checking initialiser; refused values are malformed input.
    package func checked<Raw, Value>(
        _ tag: WireTag, _ make: (Raw) -> Value?, of raw: Raw
    ) throws(WireError) -> Value {
        guard let value = make(raw) else { throw .badValue(field: tag.field) }
        return value
    }
}
