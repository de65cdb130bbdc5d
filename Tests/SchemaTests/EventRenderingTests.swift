import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Event rendering` {
    private func json(
        _ type: EventType, _ payload: [UInt8], schemaVersion: UInt32 = 1,
        layout: JSONWriter.Layout = .oneLine
    ) -> String {
        EventRendering().json(
            of: recorded(type, payload, schemaVersion: schemaVersion), layout: layout)
    }

    @Test
    func `given a mail that failed, when rendered, then members stand by name in field order`() {
        let payload = encoded(
            .mailFailed(
                MailFailed(mailID: MailID(rawValue: 1), error: "box \"full\"\n", willRetry: false)))
        #expect(
            json("MailFailed", payload)
                == #"{"mail_id":"mai_00000000000000000000000001","error":"box \"full\"\n","will_retry":false}"#
        )
        #expect(
            json("MailFailed", payload, layout: .indented) == #"""
                {
                  "mail_id": "mai_00000000000000000000000001",
                  "error": "box \"full\"\n",
                  "will_retry": false
                }
                """#)
    }

    @Test func `given a price change, when rendered, then money is a number of minor units`() {
        let payload = encoded(
            .priceChanged(PriceChanged(sku: sku, oldPrice: nothing, newPrice: price)))
        #expect(
            json("PriceChanged", payload)
                == #"{"sku":"85123A","old_price":{"minor":0,"currency":"JPY"},"#
                + #""new_price":{"minor":255,"currency":"GBP"}}"#)
    }

    @Test func `given a sealed address, when rendered, then it is flagged and shown as ciphertext`()
    {
        let payload = encoded(
            .userRegistered(
                UserRegistered(
                    userID: UserID(rawValue: 2), emailDigest: EmailDigest(digest: .zero),
                    email: Sealed(box: [0xAB, 0x01], keyVersion: 7))))
        #expect(
            json("UserRegistered", payload)
                == #"{"user_id":"usr_00000000000000000000000002","email_digest":""#
                + String(repeating: "0", count: 64)
                + #"","email":{"personal":true,"sealed":7,"bytes":"ab01"}}"#)
    }

    @Test func `given a type that nobody knows, when rendered, then its bytes are kept`() {
        #expect(json("MoonLanded", [0x08, 0x01, 0xFF]) == #"{"undecoded":"0801ff"}"#)
        #expect(json("MoonLanded", []) == #"{"undecoded":""}"#)
    }

    @Test func `given a version that nobody knows, when rendered, then its bytes are kept`() {
        #expect(json("MailSent", [0x0A], schemaVersion: 2) == #"{"undecoded":"0a"}"#)
    }

    @Test func `given fields that nobody knows, when rendered, then they stand by number in order`()
    {
        let payload: [UInt8] = [
            0xC2, 0x3E, 0x02, 0xAB, 0xCD,  // 1000: two bytes
            0x12, 0x01, 0x61,  // 2, the reason: "a"
            0x88, 0x01, 0x05,  // 17: 5
            0x88, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,  // 17: 2^64 - 1
        ]
        #expect(
            json("UserDeactivated", payload)
                == #"{"reason":"a","unknown_fields":{"17":[5,18446744073709551615],"1000":"abcd"}}"#
        )
    }

    @Test
    func `given an enumeration's number without a name, when rendered, then it stays a number`() {
        #expect(
            json("VerificationVoided", [0x10, 0x63]) == #"{"reason":99}"#)
        #expect(json("VerificationVoided", []) == #"{"reason":"unspecified"}"#)
        #expect(json("VerificationVoided", [0x10, 0x02]) == #"{"reason":"email_changed"}"#)
    }

    @Test func `given malformed bytes, when rendered, then the text names the field`() {
        // A return whose second line says that its number is text.
        var writer = WireWriter()
        writer.field(1, identifier: 1)
        writer.alwaysField(3, bytes: [0x08, 0x01])
        writer.alwaysField(3, bytes: [0x0A, 0x01, 0x61])
        let text = json("ReturnReceived", writer.bytes)
        #expect(
            text.hasPrefix(
                #"{"malformed":"ReturnReceived.lines[1].line_number: bytes with a length stand "#
                    + #"where int32 should","undecoded":"0a10"#))
    }

    @Test(
        arguments: [
            ([0x0A, 0x03, 0x01, 0x02, 0x03], "user_id: an identifier has 16 bytes, not 3"),
            ([0x12, 0x01, 0xFF], "reason: the text is not UTF-8"),
            (
                [0x12, 0x05, 0x61],
                "reason: in or after this field the bytes are malformed (truncated)"
            ),
            ([0x10, 0x05], "reason: a number stands where text should"),
            ([0x15, 0, 0, 0, 0], "reason: four bytes stand where text should"),
            ([0x11, 0, 0, 0, 0, 0, 0, 0, 0], "reason: eight bytes stand where text should"),
            ([0x9B, 0x01], "in or after this field the bytes are malformed (badTag)"),
        ] as [([UInt8], String)])
    func `given one malformed field, when rendered, then the reason is said`(
        payload: [UInt8], reason: String
    ) {
        let text = json("UserDeactivated", payload)
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains(#""undecoded":""#))
    }

    @Test func `given text that would steer a terminal, when rendered, then it is escaped`() {
        let payload = encoded(
            .productRenamed(ProductRenamed(sku: sku, name: "a\u{1B}[2J\u{9B}2J\u{7F}\u{2028}é")))
        #expect(
            json("ProductRenamed", payload)
                == #"{"sku":"85123A","name":"a\u001b[2J\u009b2J\u007f\u2028é"}"#)
    }

    @Test func `given a writer in an object, when a payload is malformed, then the object goes on`()
    {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("position", 7)
        writer.key("payload")
        let payload: [UInt8] = [0x0A, 0x10] + Array(repeating: 0, count: 16) + [0x12, 0x01, 0xFF]
        payload.withUnsafeBytes { payload in
            EventRendering().write(
                type: "UserDeactivated", schemaVersion: 1, payload: payload, into: &writer)
        }
        writer.member("next", true)
        writer.endObject()
        #expect(
            writer.text
                == #"{"position":7,"payload":{"malformed":"UserDeactivated.reason: the text is not UTF-8","#
                + #""undecoded":"0a1000000000000000000000000000000000"# + #"1201ff"},"next":true}"#)
    }
}
