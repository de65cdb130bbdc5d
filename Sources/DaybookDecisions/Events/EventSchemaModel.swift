/// A message of a schema: its fields in the order of their numbers.
package struct MessageDescriptor: Hashable, Sendable {
    /// With its package, for example `orders.v1.OrderPlaced`.
    package var fullName: String
    /// Without its package; for payloads the name of the event type.
    package var name: String
    /// The package, for example `orders.v1`.
    package var package: String
    package var fields: [FieldDescriptor]
    /// The schema version of the event whose payload this is; 0 when it is none.
    package var eventVersion: UInt32
}

/// A field of a message.
package struct FieldDescriptor: Hashable, Sendable {
    package enum ValueType: Hashable, Sendable {
        case bool, text, bytes
        case int32, int64, uint32, uint64, sint32, sint64
        case fixed32, fixed64, sfixed32, sfixed64, float, double
        /// An index into the schema's messages.
        case message(Int)
        /// An index into the schema's enumerations.
        case enumeration(Int)
    }

    package var number: Int
    package var name: String
    package var type: ValueType
    package var isRepeated: Bool
    /// Whether the field is declared `optional` or stands in a one-of.
    package var isOptional: Bool
    /// The domain type behind the wire type, for example `OrderID`; empty when there is none.
    package var kind: String
    /// Whether the field holds a value about a person.
    package var isPersonal: Bool

    /// Whether an absent value differs from a zero: optional fields and messages.
    package var hasPresence: Bool {
        if case .message = type { return !isRepeated }
        return isOptional
    }
}

/// An enumeration of a schema.
package struct EnumDescriptor: Hashable, Sendable {
    package var fullName: String
    package var values: [Value]

    package struct Value: Hashable, Sendable {
        package var number: Int32
        /// As people read it: without the enumeration's own name and in lower case, `half_up`.
        package var name: String
    }

    package func name(of number: Int32) -> String? {
        values.first { $0.number == number }?.name
    }
}
