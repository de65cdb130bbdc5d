import DaybookCore
import Testing

/// Swift Testing has a `Tag` of its own.
typealias EventTag = DaybookCore.Tag

private func stored(_ tag: EventTag) -> [UInt8] {
    var writer = WireWriter()
    tag.encode(into: &writer)
    return writer.bytes
}

private func tag(stored bytes: [UInt8]) -> EventTag? {
    bytes.withUnsafeBytes { EventTag(stored: $0) }
}

@Suite struct `Event tags` {
    private let order = OrderID(rawValue: 0x0189_0A5D_AC96_774B_BCCE_B302_099A_8057)

    @Test
    func `given bytes, then they count as a stored tag exactly when they can be read as one`() {
        let identifier = stored(order.tag)
        let rows: [(bytes: [UInt8], isTag: Bool)] = [
            (Array("sku:85123A".utf8), true), (Array("sku:".utf8), true),
            (Array("sku:Größe".utf8), true), (Array("a:b=c".utf8), true), (identifier, true),
            ([], false), (Array("sku".utf8), false), (Array(":85123A".utf8), false),
            (Array("Sku:85123A".utf8), false), (Array("größe:1".utf8), false),
            (Array("a23456789012345:x".utf8), true), (Array("a234567890123456:x".utf8), false),
            (Array("sku:".utf8) + [0xC3], false), (Array("sku:".utf8) + [0xFF, 0x41], false),
            (Array(identifier.dropLast()), false), (identifier + [0], false),
        ]
        for row in rows {
            #expect((tag(stored: row.bytes) != nil) == row.isTag, "\(row.bytes)")
            #expect(row.bytes.withUnsafeBytes(EventTag.isStored) == row.isTag, "\(row.bytes)")
        }
    }

    @Test func `given a text tag, when stored, then label, colon and text stand as bytes`() {
        let tag = EventTag(label: "sku", text: "85123A")
        #expect(stored(tag) == Array("sku:85123A".utf8))
        #expect(tag.description == "sku:85123A")
    }

    @Test func `given an identifier's tag, when stored, then 16 bytes follow the equals sign`() {
        #expect(
            stored(order.tag)
                == Array("order=".utf8) + [
                    0x01, 0x89, 0x0A, 0x5D, 0xAC, 0x96, 0x77, 0x4B, 0xBC, 0xCE, 0xB3, 0x02, 0x09,
                    0x9A,
                    0x80, 0x57,
                ])
        #expect(order.tag.description == "order:ord_01h455vb4pex5vsknk084sn02q")
    }

    @Test func `given an identifier of an unknown label, when written, then it is hexadecimal`() {
        let tag = EventTag(label: "parcel", identifier: 0xAB)
        #expect(tag.description == "parcel=000000000000000000000000000000ab")
        #expect(EventTag(tag.description) == tag)
    }

    @Test(arguments: [
        EventTag(label: "sku", text: "85123A"), EventTag(label: "sku", text: ""),
        EventTag(label: "a", text: ":="),
        EventTag(label: "email", text: String(repeating: "0", count: 64)),
        EventTag(label: "gateway", text: "evt_1=2:3"),
        EventTag(label: "sku", text: "\u{301}combining"),
        EventTag(label: "abcdefghijklmno", text: "é€𝄞"), EventTag(label: "order", text: "12"),
        EventTag(label: "order", identifier: 0), EventTag(label: "user", identifier: .max),
        EventTag(label: "parcel", identifier: 0), EventTag(label: "parcel", identifier: .max),
        EventTag(label: "parcel", text: "par_01h455vb4pex5vsknk084sn02q"),
    ])
    func `given a tag, when stored or written and read again, then it is the same`(tag: EventTag) {
        #expect(DaybookCoreTests.tag(stored: stored(tag)) == tag)
        #expect(EventTag(tag.description) == tag)
    }

    @Test(arguments: [
        "", "sku", ":85123A", "=00", "SKU:1", "s-ku:1", "abcdefghijklmnop:1", "ä:1",
        "order:ord_01h455vb4pex5vsknk084sn02", "order:ord_01h455vb4pex5vsknk084sn02u",
        "order=ab", "parcel=+00000000000000000000000000000ab",
        "parcel=-00000000000000000000000000000ab",
        "parcel=0000000000000000000000000000000g", "parcel=000000000000000000000000000000abc",
    ])
    func `given malformed text, when read, then there is no tag`(text: String) {
        #expect(EventTag(text) == nil)
    }

    @Test(
        arguments: [
            [], Array("sku".utf8), Array(":1".utf8), Array("=1234567890123456".utf8),
            Array("SKU:1".utf8), Array("order=123456789012345".utf8),
            Array("order=12345678901234567".utf8), Array("abcdefghijklmnop:1".utf8),
            Array("sku:".utf8) + [0xFF], [0xC3, 0x28] + Array(":1".utf8),
        ] as [[UInt8]])
    func `given malformed stored bytes, when read, then there is no tag`(bytes: [UInt8]) {
        #expect(tag(stored: bytes) == nil)
    }

    @Test
    func `given identifier bytes with colons in them, when read, then the first sign decides`() {
        let bytes = Array("order=".utf8) + Array(repeating: UInt8(ascii: ":"), count: 16)
        #expect(
            tag(stored: bytes)
                == EventTag(label: "order", identifier: 0x3A3A_3A3A_3A3A_3A3A_3A3A_3A3A_3A3A_3A3A))
    }

    @Test func `given text and identifier of the same label, when compared, then they differ`() {
        #expect(EventTag(label: "order", text: "1") != EventTag(label: "order", identifier: 1))
        #expect(OrderID(rawValue: 1).tag == EventTag(label: "order", identifier: 1))
    }

    @Test func `given any bytes, when read as a stored tag, then what is read is stored the same`()
    {
        var generator = SeededGenerator.fromEnvironment(for: "stored tags")
        let alphabet = Array("ab:=1_".utf8) + [0xC3, 0xA9]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...20, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator)! }
            guard let tag = tag(stored: bytes) else { continue }
            #expect(stored(tag) == bytes)
        }
    }
}
