import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Numbers of event types` {
    @Test func `given every type, when numbered, then number, name and version agree`() {
        #expect(Event.allTypes.count == Event.schemaVersions.count)
        for (number, type) in Event.allTypes.enumerated() {
            #expect(Event.typeNumber(of: type) == number)
        }
        #expect(Event.typeNumber(of: "NoSuchEvent") == nil)
    }

    @Test func `given every golden event, when read by number, then it is the one read by name`()
        throws
    {
        for golden in GoldenEvent.all {
            let event = golden.event
            var writer = WireWriter(capacity: 256)
            event.encode(into: &writer)
            try writer.bytes.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                let read = try Event(typeNumber: event.typeNumber, decoding: &reader)
                #expect(read == event)
                #expect(read?.type == event.payload.type)
                #expect(read?.schemaVersion == event.payload.schemaVersion)
                reader = WireReader(bytes)
                #expect(try Event(type: event.type, decoding: &reader) == event)
            }
        }
        var empty = WireReader(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(try Event(typeNumber: Event.allTypes.count, decoding: &empty) == nil)
        #expect(try Event(typeNumber: -1, decoding: &empty) == nil)
    }

    @Test(arguments: [
        "A", "", " A", "A ", "A B", "a\u{7F}b", "a\tb", "é", "e\u{301}", "\u{200B}",
        "ABCDEFGHIJKLMNOPQ",
        "\u{A0}x", "main", "x\u{2028}", String(repeating: "a", count: 64),
        String(repeating: "a", count: 65), String(repeating: "ü", count: 64),
    ])
    func `given a text, when read from its bytes, then it is judged like the text`(text: String) {
        Array(text.utf8).withUnsafeBytes { bytes in
            #expect(SKU(utf8: bytes) == SKU(rawValue: text))
            #expect(LocationID(utf8: bytes) == LocationID(rawValue: text))
        }
    }

    @Test(arguments: ["GBP", "JPY", "gbp", "XXX", "GB", "GBPP", "", "G\u{200B}"])
    func `given a code, when read from its bytes, then it is judged like the text`(code: String) {
        Array(code.utf8).withUnsafeBytes { bytes in
            #expect(Currency(utf8: bytes) == Currency(rawValue: code))
        }
        [0x47, 0x42, 0xFF].map { UInt8($0) }.withUnsafeBytes { #expect(Currency(utf8: $0) == nil) }
        [UInt8(0xFF)].withUnsafeBytes { #expect(SKU(utf8: $0) == nil) }
    }
}
