// Written by Schemas/generate.py from Schemas/operations/v1/events.proto. Edit that, not this.

public import DaybookCore

/// An operator let a read model go on without an event that it could not take. The event itself stays.
public struct ProjectionEventSkipped: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ProjectionEventSkipped"
    public static let schemaVersion: UInt32 = 1

    /// The read model's name: inventory, orders, users.
    public var model: String
    /// The position of the event that is left out of the rows.
    public var skippedPosition: UInt64
    public var reason: String

    public init(model: String, skippedPosition: UInt64, reason: String) {
        self.model = model
        self.skippedPosition = skippedPosition
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: model)
        writer.field(2, varint: UInt64(skippedPosition))
        writer.field(3, text: reason)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var model: String = ""
        var skippedPosition: UInt64 = 0
        var reason: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: model = try reader.text(tag)
            case 2: skippedPosition = try reader.varint(tag)
            case 3: reason = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        self.init(model: model, skippedPosition: skippedPosition, reason: reason)
    }
}
