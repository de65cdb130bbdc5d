import Testing

@testable import daybook

@Suite struct `JSON parser` {
    private func parse(_ text: String) throws -> JSONNode.Value {
        try JSONParser.parse(Array(text.utf8)).value
    }

    private func reason(_ text: String) -> String? {
        do throws(JSONSyntaxError) {
            _ = try JSONParser.parse(Array(text.utf8))
            return nil
        } catch {
            return "\(error.reason) at \(error.byteOffset)"
        }
    }

    @Test func `given values of every kind, when parsed, then numbers are exact`() throws {
        #expect(try parse("null") == .null)
        #expect(try parse(" true ") == .flag(true))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .otherNumber("9223372036854775808"))
        #expect(try parse("1.50") == .otherNumber("1.50"))
        #expect(try parse(#""a\u00e9\ud83d\ude00\n""#) == .text("aé😀\n"))
    }

    @Test(arguments: [
        ("", "the text ends where a value is expected at 0"),
        ("{\"a\":1,}", "expected a name in quotes at 7"),
        ("[1 2]", "expected , or ] in an array at 3"),
        ("{\"a\":1,\"a\":2}", "the name \"a\" occurs twice at 7"),
        ("01", "a number does not begin with 0 at 1"),
        ("\"abc", "the text has no closing quote at 0"),
        ("\"\\ud800\"", "half a surrogate pair at 1"),
        ("nul", "only true, false and null are words of JSON at 0"),
        ("1 2", "something follows the end of the value at 2"),
        ("\"a\u{1}b\"", "a control character must be escaped at 2"),
        ("'a'", "a value cannot begin here at 0"),
    ])
    func `given text that is not JSON, when parsed, then reason and place`(
        text: String, expected: String
    ) {
        #expect(reason(text) == expected)
    }

    @Test func `given invalid UTF-8, when parsed, then it is refused`() {
        #expect(throws: JSONSyntaxError.self) {
            try JSONParser.parse([0x22, 0xC3, 0x28, 0x22])
        }
    }

    @Test func `given endless nesting, when parsed, then it is refused and nothing overflows`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(reason(text) == "nested too deeply at 32")
    }

    @Test(.timeLimit(.minutes(1)))
    func `given an object of many names, when parsed, then time grows with its length only`() throws
    {
        let members = (0..<100_000).map { "\"n\($0)\":0" }
        let node = try JSONParser.parse(Array("{\(members.joined(separator: ","))}".utf8))
        guard case .object(let parsed) = node.value else {
            Issue.record("not an object")
            return
        }
        #expect(parsed.count == 100_000)
    }

    @Test func `given several lines, when an error is placed, then line and column count from 1`() {
        let bytes = Array("{\n  \"a\": x}".utf8)
        let place = JSONSyntaxError(reason: "", byteOffset: 9).place(in: bytes)
        #expect(place.line == 2)
        #expect(place.column == 8)
    }
}
