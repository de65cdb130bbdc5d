import DaybookCore
import DaybookDecisions
import Foundation
import Testing

/// What was stored once is read for ever: bytes, values and JSON of every event type.
///
/// `DAYBOOK_RECORD=1 swift test --filter SchemaTests` writes the files of golden events that are new;
/// it never changes one that exists.
@Suite struct `Golden events` {
    init() throws {
        guard ProcessInfo.processInfo.environment["DAYBOOK_RECORD"] == "1" else { return }
        for golden in GoldenEvent.all {
            try SchemaFolder.record(golden.payload, at: "golden/\(golden.path).bin")
            try SchemaFolder.record(Array(json(of: golden).utf8), at: "golden/\(golden.path).json")
        }
    }

    private func json(of golden: GoldenEvent) -> String {
        EventRendering().json(
            of: recorded(golden.event.type, golden.payload), layout: .indented) + "\n"
    }

    private func stored(_ golden: GoldenEvent) throws -> [UInt8] {
        try SchemaFolder.bytes(of: "golden/\(golden.path).bin")
    }

    @Test(arguments: GoldenEvent.all)
    func `given stored bytes, when decoded, then they are the recorded event`(
        golden: GoldenEvent
    ) throws {
        #expect(try decoded(golden.event.type, try stored(golden)) == golden.event)
    }

    @Test(arguments: GoldenEvent.all)
    func `given a recorded event, when encoded, then the bytes are the stored ones`(
        golden: GoldenEvent
    ) throws {
        #expect(encoded(golden.event) + golden.unknownFields == (try stored(golden)))
    }

    @Test(arguments: GoldenEvent.all)
    func `given stored bytes, when rendered, then the JSON is the recorded one`(
        golden: GoldenEvent
    ) throws {
        let event = recorded(golden.event.type, try stored(golden))
        let expected = try SchemaFolder.text(of: "golden/\(golden.path).json")
        #expect(EventRendering().json(of: event, layout: .indented) + "\n" == expected)
    }

    @Test(arguments: GoldenEvent.all)
    func `given recorded JSON, when another JSON parser reads it, then it agrees with one line`(
        golden: GoldenEvent
    ) throws {
        let event = recorded(golden.event.type, try stored(golden))
        let indented = try JSONSerialization.jsonObject(
            with: Data(try SchemaFolder.bytes(of: "golden/\(golden.path).json")))
        let oneLine = EventRendering().json(of: event)
        let parsed = try JSONSerialization.jsonObject(with: Data(oneLine.utf8))
        #expect(indented as? NSDictionary == parsed as? NSDictionary)
        #expect(!oneLine.contains { $0.isNewline })
    }

    @Test func `given the golden folder, when listed, then it holds what is recorded and no more`()
        throws
    {
        let expected = GoldenEvent.all.flatMap { ["\($0.path).bin", "\($0.path).json"] }.sorted()
        #expect(try SchemaFolder.files(below: "golden") == expected)
    }

    @Test
    func `given every event type, when golden events are counted, then none has less than three`() {
        for type in Event.allTypes {
            #expect(GoldenEvent.all.filter { $0.event.type == type }.count >= 3, "\(type)")
        }
    }

    @Test func `given stored bytes, when protoc decodes and encodes them, then they are the same`()
        throws
    {
        for golden in GoldenEvent.all {
            let message = try #require(
                EventSchema.current.message(
                    for: golden.event.type, schemaVersion: golden.event.schemaVersion))
            let bytes = try stored(golden)
            let read = try protoc("decode", message.fullName, input: bytes)
            try #require(read.status == 0, "\(golden.path): \(read.errors)")
            guard golden.unknownFields.isEmpty else {
                // protoc prints unknown fields by number, but takes no such text back.
                let unknown =
                    "1017: \"new\"\n1017: 42\n1018: 0x00000001\n1019: 0x0000000000000002\n"
                #expect(read.text.hasSuffix(unknown), "\(golden.path)")
                continue
            }
            let written = try protoc("encode", message.fullName, input: read.output)
            #expect(written.status == 0, "\(golden.path): \(written.errors)")
            #expect(written.output == bytes, "\(golden.path)")
        }
    }
}
