internal import DaybookCore
internal import DaybookDecisions

/// An event's payload: first byte the type, second the schema version, then the bytes.
enum EventTarget {
    private static let upcasters = UpcasterChain.current
    private static let rendering = EventRendering()

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2 else { return }
        let types = Event.allTypes
        // One number beyond the known ones stands for a type that this program does not have.
        let number = Int(input[0]) % (types.count + 1)
        let type = number < types.count ? types[number] : EventType(rawValue: "Unheard")
        let recorded = RecordedEvent(
            position: LogPosition(rawValue: 1), type: type, schemaVersion: UInt32(input[1] % 4),
            tags: [], payload: Array(input[2...]))
        let json = rendering.json(of: recorded)
        require(json.hasPrefix("{") && json.hasSuffix("}"), "the rendering is not an object")
        guard let today = try? upcasters.upcast(recorded),
            let event = decoded(today.type, today.payload)
        else { return }
        var writer = WireWriter()
        event.encode(into: &writer)
        require(
            decoded(today.type, writer.bytes) == event, "an event does not encode to what it was")
        var again = WireWriter()
        event.encode(into: &again)
        require(again.bytes == writer.bytes, "an event encodes differently twice")
        _ = event.tags
        _ = event.violations()
    }

    private static func decoded(_ type: EventType, _ payload: [UInt8]) -> Event? {
        payload.withUnsafeBytes { payload in
            var reader = WireReader(payload)
            do throws(WireError) {
                return try Event(type: type, decoding: &reader)
            } catch {
                return nil
            }
        }
    }
}
