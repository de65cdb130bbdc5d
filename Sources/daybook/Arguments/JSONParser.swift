/// Reads JSON strictly: no comments, no duplicate names, no invalid UTF-8, numbers without rounding.
///
/// Source: RFC 8259, I-JSON (RFC 7493) for duplicate names.
struct JSONParser {
    /// Deeper nesting than any command has.
    static let depthLimit = 32

    private let bytes: [UInt8]
    private(set) var offset: Int

    /// - Parameter offset: where to begin, in bytes.
    init(_ bytes: [UInt8], from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// The one value that the text is.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONNode {
        var parser = JSONParser(bytes)
        let node = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.offset == bytes.count else {
            throw parser.error("something follows the end of the value")
        }
        return node
    }

    /// The next value of a text that holds several; `nil` at its end.
    mutating func nextInSequence() throws(JSONSyntaxError) -> JSONNode? {
        skipBlanks()
        return offset < bytes.count ? try value(depth: 0) : nil
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, byteOffset: offset ?? self.offset)
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONNode {
        skipBlanks()
        guard depth < JSONParser.depthLimit else { throw error("nested too deeply") }
        let start = offset
        func node(_ value: JSONNode.Value) -> JSONNode { JSONNode(value: value, byteOffset: start) }
        switch next {
        case nil: throw error("the text ends where a value is expected")
        case UInt8(ascii: "{"): return node(.object(try members(depth: depth)))
        case UInt8(ascii: "["): return node(.array(try elements(depth: depth)))
        case UInt8(ascii: "\""): return node(.text(try text()))
        case UInt8(ascii: "t"): return node(.flag(try word("true", true)))
        case UInt8(ascii: "f"): return node(.flag(try word("false", false)))
        case UInt8(ascii: "n"): return node(try word("null", .null))
        case UInt8(ascii: "-"): return node(try number())
        case let byte? where isDigit(byte): return node(try number())
        default: throw error("a value cannot begin here")
        }
    }

    private mutating func word<T>(_ word: String, _ value: T) throws(JSONSyntaxError) -> T {
        guard bytes[offset...].starts(with: word.utf8) else {
            throw error("only true, false and null are words of JSON")
        }
        offset += word.utf8.count
        return value
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSONNode] {
        offset += 1
        var elements: [JSONNode] = []
        skipBlanks()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw error("expected , or ] in an array") }
        }
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [JSONMember] {
        offset += 1
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipBlanks()
        if take("}") { return members }
        while true {
            skipBlanks()
            let start = offset
            guard next == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
            let name = try text()
            guard names.insert(name).inserted else {
                throw error("the name \"\(name)\" occurs twice", at: start)
            }
            skipBlanks()
            guard take(":") else { throw error("expected : after the name") }
            members.append(JSONMember(name: name, node: try value(depth: depth + 1)))
            skipBlanks()
            if take("}") { return members }
            guard take(",") else { throw error("expected , or } in an object") }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNode.Value {
        let start = offset
        _ = take("-")
        guard let first = next, isDigit(first) else { throw error("expected a digit") }
        offset += 1
        if first == UInt8(ascii: "0"), let second = next, isDigit(second) {
            throw error("a number does not begin with 0")
        }
        skipDigits()
        var isWhole = true
        if take(".") {
            isWhole = false
            guard skipDigits() else { throw error("expected a digit after the point") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("-") { _ = take("+") }
            guard skipDigits() else { throw error("expected a digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        return .otherNumber(text)
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    @discardableResult
    private mutating func skipDigits() -> Bool {
        let start = offset
        while let byte = next, isDigit(byte) { offset += 1 }
        return offset > start
    }
}

// MARK: - Text

extension JSONParser {
    private mutating func text() throws(JSONSyntaxError) -> String {
        let start = offset
        offset += 1
        var content: [UInt8] = []
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw error("the text is not UTF-8", at: start)
                }
                return text
            case UInt8(ascii: "\\"): content += String(try escape()).utf8
            case 0x00..<0x20: throw error("a control character must be escaped", at: offset - 1)
            default: content.append(byte)
            }
        }
        throw error("the text has no closing quote", at: start)
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = offset - 1
        guard let byte = next else { throw error("the text ends inside an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("there is no such escape", at: start)
        }
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A surrogate: the second half follows as another escape.
        guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
            throw error("half a surrogate pair", at: start)
        }
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        else { throw error("half a surrogate pair", at: start) }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
        guard offset + 4 <= bytes.count,
            let digits = String(validating: bytes[offset..<offset + 4], as: UTF8.self),
            digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let unit = UInt32(digits, radix: 16)
        else { throw error("expected four hexadecimal digits") }
        offset += 4
        return unit
    }
}
