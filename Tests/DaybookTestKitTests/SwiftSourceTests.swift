import DaybookCore
import DaybookTestKit
import Testing

private struct Line: Hashable {
    var sku: String
    var count: Int
    var note: String?
}

private enum Wish {
    case place(lines: [Line], by: String)
    case cancel(Int)
    case rename(to: String)
    case nothing
}

private enum Colour: String, CustomStringConvertible {
    case red
    var description: String { "a fiery red" }
}

struct Outer {
    struct Inner { var at: LogPosition }
}

@Suite struct `Swift source` {
    @Test func `given structs, enums and collections, then they are written as calls`() {
        let line = Line(sku: "LAMP\n\"1\"", count: 2, note: nil)
        let text = "Line(sku: \"LAMP\\n\\\"1\\\"\", count: 2, note: nil)"
        #expect(swiftSource(of: line) == text)
        #expect(swiftSource(of: Wish.nothing) == "Wish.nothing")
        #expect(swiftSource(of: Wish.cancel(3)) == "Wish.cancel(3)")
        #expect(swiftSource(of: [Wish.rename(to: "x")]) == "[Wish.rename(to: \"x\")]")
        #expect(swiftSource(of: [Colour.red]) == "[Colour(rawValue: \"red\")!]")
        #expect(
            swiftSource(of: Outer.Inner(at: LogPosition(rawValue: 3)))
                == "Outer.Inner(at: LogPosition(rawValue: 3))")
        #expect(swiftSource(of: Instant(microseconds: 5)) == "Instant(microseconds: 5)")
        #expect(swiftSource(of: (1, name: "a")) == "(1, name: \"a\")")
        #expect(swiftSource(of: ["b": 2, "a": 1]) == "[\"a\": 1, \"b\": 2]")
        #expect(swiftSource(of: Set([3, 1, 2])) == "[1, 2, 3]")
        #expect(swiftSource(of: "e\u{301}\u{202E}") == "\"e\\u{301}\\u{202E}\"")
        #expect(swiftSource(of: Optional.some([UInt8(1)]) as Any) == "[1]")
    }

    @Test func `given a long expression, then it takes several lines`() {
        let wish = Wish.place(
            lines: (1...3).map { Line(sku: "SKU-\($0)", count: $0, note: "a note") }, by: "Ada")
        #expect(
            swiftSource(of: wish) == """
                Wish.place(
                    lines: [
                        Line(sku: "SKU-1", count: 1, note: "a note"),
                        Line(sku: "SKU-2", count: 2, note: "a note"),
                        Line(sku: "SKU-3", count: 3, note: "a note")
                    ],
                    by: "Ada"
                )
                """)
    }
}
