import DaybookCore
import Testing

@Suite struct `JSON writer` {
    private func example(_ layout: JSONWriter.Layout) -> String {
        var writer = JSONWriter(layout: layout)
        writer.object { writer in
            writer.member("name", "heart")
            writer.member("count", -3)
            writer.member("stocked", true)
            writer.member(
                "tags",
                array: { writer in
                    writer.value("a")
                    writer.value(2)
                    writer.null()
                    writer.array { _ in }
                    writer.object { _ in }
                })
            writer.member("inner", object: { $0.member("largest", UInt64.max) })
            writer.key("bytes")
            writer.value(hex: [0x00, 0xAB, 0xFF])
            writer.key("given")
            writer.value(json: "[1]")
        }
        return writer.text
    }

    @Test func `given values of every type, when written on one line, then there are no blanks`() {
        #expect(
            example(.oneLine)
                == #"{"name":"heart","count":-3,"stocked":true,"tags":["a",2,null,[],{}],"#
                + #""inner":{"largest":18446744073709551615},"bytes":"00abff","given":[1]}"#)
    }

    @Test func `given values of every type, when indented, then each stands on its line`() {
        #expect(
            example(.indented) == """
                {
                  "name": "heart",
                  "count": -3,
                  "stocked": true,
                  "tags": [
                    "a",
                    2,
                    null,
                    [],
                    {}
                  ],
                  "inner": {
                    "largest": 18446744073709551615
                  },
                  "bytes": "00abff",
                  "given": [1]
                }
                """)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{1B}\u{1F}", #""\u0000\u0008\u001b\u001f""#),
        ("\u{7F}\u{80}\u{9F}\u{A0}", "\"\\u007f\\u0080\\u009f\u{A0}\""),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("é€𝄞e\u{301}", "\"é€𝄞e\u{301}\""),
        ("\r\n", #""\r\n""#),
    ])
    func `given text, when written, then only what must be is escaped`(text: String, json: String) {
        var writer = JSONWriter()
        writer.value(text)
        #expect(writer.text == json)
    }

    @Test func `given a key with a quote, when written, then it is escaped`() {
        var writer = JSONWriter()
        writer.object { $0.member("a\"b", 1) }
        #expect(writer.text == #"{"a\"b":1}"#)
    }

    @Test func `given a mark, when rewound, then the text goes on from there`() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.value(1)
        let mark = writer.mark
        writer.beginObject()
        writer.key("lost")
        writer.beginArray()
        writer.rewind(to: mark)
        writer.value(2)
        writer.endArray()
        #expect(writer.text == "[1,2]")
    }

    @Test func `given a used writer, when emptied, then it writes from the start`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("lost")
        writer.removeAll()
        writer.array { $0.value(false) }
        #expect(writer.text == "[false]")
    }
}

@Suite struct `Base 64` {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
        ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
    ])
    func `given the vectors of RFC 4648, when read, then the bytes are those`(
        text: String, expected: String
    ) {
        #expect(Base64.bytes(of: text) == Array(expected.utf8))
    }

    @Test func `given the last digits, when read, then they are plus and slash`() {
        #expect(Base64.bytes(of: "+/+/") == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm-v", "Zm_v",
        "Zm 9", "Zh==",
        "Zm9=", "Z=g=", "Zmé=",
    ])
    func `given malformed text, when read, then there are no bytes`(text: String) {
        #expect(Base64.bytes(of: text) == nil)
    }
}
