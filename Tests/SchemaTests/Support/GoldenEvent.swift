import DaybookCore
import DaybookDecisions
import Testing

/// An event that was stored once and must be readable for ever.
///
/// The Swift value here, the stored bytes and the JSON in `Schemas/golden` say the same.
struct GoldenEvent: Sendable, CustomTestStringConvertible {
    /// `NNN-name`, as the files are called.
    var name: String
    var event: Event
    /// Appended to the payload, as a newer program would have written them.
    var unknownFields: [UInt8] = []

    var testDescription: String { "\(event.type) \(name)" }

    /// Relative to `Schemas/golden`, without the extension.
    var path: String { "\(event.type)/v\(event.schemaVersion)/\(name)" }

    var payload: [UInt8] { encoded(event) + unknownFields }

    /// Every recorded event, in the order of the schemas.
    static let all: [GoldenEvent] =
        users + inventory + orders + payments + refunds + mail
        + operations
}

/// The golden events of one type: as little as it can hold, all it can hold, all of that with fields
/// of a newer program behind it, and then the extremes.
func goldens(minimal: Event, full: Event, extremes: Event...) -> [GoldenEvent] {
    [
        GoldenEvent(name: "001-minimal", event: minimal),
        GoldenEvent(name: "002-full", event: full),
        GoldenEvent(name: "003-unknown-fields", event: full, unknownFields: fieldsOfANewerProgram),
    ]
        + extremes.enumerated().map { index, event in
            GoldenEvent(name: "00\(index + 4)-extremes", event: event)
        }
}

/// Field 1017 as text and as a list of numbers, 1018 as 4 bytes, 1019 as 8 bytes.
private let fieldsOfANewerProgram: [UInt8] = [
    0xCA, 0x3F, 0x03, 0x6E, 0x65, 0x77,  // 1017: "new"
    0xC8, 0x3F, 0x2A,  // 1017: 42
    0xD5, 0x3F, 0x01, 0x00, 0x00, 0x00,  // 1018: 1
    0xD9, 0x3F, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // 1019: 2
]

func encoded(_ event: Event) -> [UInt8] {
    var writer = WireWriter()
    event.encode(into: &writer)
    return writer.bytes
}

/// Today's reading of a payload; `nil` when the type is not known.
func decoded(_ type: EventType, _ payload: [UInt8]) throws -> Event? {
    try payload.withUnsafeBytes { bytes in
        var reader = WireReader(bytes)
        return try Event(type: type, decoding: &reader)
    }
}

func recorded(_ type: EventType, _ payload: [UInt8], schemaVersion: UInt32 = 1) -> RecordedEvent {
    RecordedEvent(
        position: LogPosition(rawValue: 1), type: type, schemaVersion: schemaVersion, tags: [],
        payload: payload)
}
