package import DaybookCore

/// The schema of every event type, as protobuf describes itself.
///
/// A log carries the set of the program that wrote it, so a payload can be read by its names without
/// that program: `EventSchema(descriptorSet:)` takes the set that was found in the log.
public struct EventSchema: Sendable {
    /// The schema that this program was built with.
    package static let current = embedded()

    /// The FileDescriptorSet of ``current`` as bytes: what each segment of a log begins with.
    package static let descriptorSet: [UInt8] = decodedDescriptors()

    /// Every message of the set, in the order of its files.
    package let messages: [MessageDescriptor]
    /// Every enumeration of the set, in the order of its files.
    package let enums: [EnumDescriptor]
    /// Indexes into `messages`, one event type and version each.
    private let events: [EventVersion: Int]

    private struct EventVersion: Hashable {
        var type: EventType
        var schemaVersion: UInt32
    }

    /// Reads a FileDescriptorSet.
    ///
    /// - Parameter descriptorSet: in protobuf wire format, with all files that the files import.
    /// - Throws: ``EventSchemaError`` when the bytes are malformed, a type is missing, or two
    ///   messages claim to be the same version of the same event type.
    package init(descriptorSet: [UInt8]) throws(EventSchemaError) {
        let parsed = try DescriptorSetParser.parse(descriptorSet)
        messages = parsed.messages
        enums = parsed.enums
        var events: [EventVersion: Int] = [:]
        for (index, message) in parsed.messages.enumerated() where message.eventVersion > 0 {
            let version = EventVersion(
                type: EventType(rawValue: message.name), schemaVersion: message.eventVersion)
            guard events.updateValue(index, forKey: version) == nil else {
                throw EventSchemaError(
                    "two messages are version \(message.eventVersion) of \(message.name)")
            }
        }
        self.events = events
    }

    /// The messages that are payloads of events, in the order of the files.
    package var eventMessages: [MessageDescriptor] { messages.filter { $0.eventVersion > 0 } }

    /// The payload of this version of an event type; `nil` when the set does not have it.
    package func message(for type: EventType, schemaVersion: UInt32) -> MessageDescriptor? {
        events[EventVersion(type: type, schemaVersion: schemaVersion)].map { messages[$0] }
    }

    /// The message of this full name, for example `daybook.v1.Money`.
    package func message(named fullName: String) -> MessageDescriptor? {
        messages.first { $0.fullName == fullName }
    }
}

/// Why bytes are not a usable descriptor set.
package struct EventSchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ reason: String) {
        description = "The descriptor set cannot be used: \(reason)."
    }
}

extension EventSchema {
    private static func decodedDescriptors() -> [UInt8] {
        guard let bytes = Base64.bytes(of: encodedDescriptors) else {
            preconditionFailure("EventSchema: generate.py wrote no base 64")
        }
        return bytes
    }

    private static func embedded() -> EventSchema {
        do {
            return try EventSchema(descriptorSet: descriptorSet)
        } catch {
            preconditionFailure("EventSchema: generate.py wrote a set that we refuse: \(error)")
        }
    }
}
