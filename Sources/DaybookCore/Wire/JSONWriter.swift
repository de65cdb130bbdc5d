/// Writes JSON text: keys in the order given, everything escaped, on one line or indented.
///
/// The output is printable: control characters, also those of Unicode's C1 block, and the line
/// separators U+2028 and U+2029 are escaped, so that stored text cannot steer a terminal.
///
/// The caller opens and closes objects and arrays in pairs; a value inside an object follows its key.
///
/// Source: RFC 8259.
package struct JSONWriter {
    package enum Layout: Hashable, Sendable {
        /// No blanks and no line breaks: one line of NDJSON.
        case oneLine
        /// Two blanks per level, for people.
        case indented
    }

    /// UTF-8.
    package private(set) var bytes: [UInt8]
    private let layout: Layout
    private var depth = 0
    /// Whether the next value or key is the first in its container, so that no comma precedes it.
    private var isFirst = true
    /// Whether a key has just been written, so that its value follows on the same line.
    private var followsKey = false

    package init(layout: Layout = .oneLine, capacity: Int = 512) {
        self.layout = layout
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// What has been written so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Empties the writer and keeps its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        depth = 0
        isFirst = true
        followsKey = false
    }

    // MARK: Containers

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The name of the member whose value comes next.
    package mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        if layout == .indented { bytes.append(UInt8(ascii: " ")) }
        followsKey = true
    }

    // MARK: Values

    package mutating func value(_ text: String) {
        separate()
        appendQuoted(text)
    }

    package mutating func value(_ number: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    package mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Bytes as lower-case hexadecimal text.
    package mutating func value(hex content: some Sequence<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in content {
            bytes.append(JSONWriter.digits[Int(byte >> 4)])
            bytes.append(JSONWriter.digits[Int(byte & 15)])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Text that is JSON already, as it stands; its own line breaks are kept.
    package mutating func value(json text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }
}

// MARK: - Members

extension JSONWriter {
    package mutating func member(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ number: some FixedWidthInteger) {
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }

    /// A member whose value is an object with the members that `body` writes.
    package mutating func member(_ name: String, object body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    /// A member whose value is an array with the values that `body` writes.
    package mutating func member(_ name: String, array body: (inout JSONWriter) -> Void) {
        key(name)
        array(body)
    }

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        beginObject()
        body(&self)
        endObject()
    }

    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        beginArray()
        body(&self)
        endArray()
    }
}

// MARK: - Giving up

extension JSONWriter {
    /// A place to return to.
    package struct Mark {
        fileprivate var byteCount: Int
        fileprivate var depth: Int
        fileprivate var isFirst: Bool
        fileprivate var followsKey: Bool
    }

    package var mark: Mark {
        Mark(byteCount: bytes.count, depth: depth, isFirst: isFirst, followsKey: followsKey)
    }

    /// Forgets what was written since the mark was taken.
    package mutating func rewind(to mark: Mark) {
        bytes.removeSubrange(mark.byteCount...)
        depth = mark.depth
        isFirst = mark.isFirst
        followsKey = mark.followsKey
    }
}

// MARK: - Layout and escaping

extension JSONWriter {
    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        isFirst = true
    }

    private mutating func close(_ bracket: UInt8) {
        precondition(
            depth > 0 && !followsKey, "JSONWriter: nothing to close, or a key has no value")
        depth -= 1
        if !isFirst { breakLine() }
        bytes.append(bracket)
        isFirst = false
    }

    private mutating func separate() {
        if followsKey {
            followsKey = false
        } else {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            if depth > 0 { breakLine() }
        }
        isFirst = false
    }

    private mutating func breakLine() {
        guard layout == .indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth {
            bytes.append(UInt8(ascii: " "))
            bytes.append(UInt8(ascii: " "))
        }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Nearly all text needs no escape; one pass finds out, and then it is copied as a whole.
        let isPlain = text.utf8.withContiguousStorageIfAvailable { text in
            for byte in text where !JSONWriter.standsForItself(byte) { return false }
            bytes.append(contentsOf: text)
            return true
        }
        if isPlain != true {
            for scalar in text.unicodeScalars { append(scalar) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func standsForItself(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"", "\\":
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(ascii: scalar))
        case "\n": bytes.append(contentsOf: "\\n".utf8)
        case "\r": bytes.append(contentsOf: "\\r".utf8)
        case "\t": bytes.append(contentsOf: "\\t".utf8)
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
            bytes.append(contentsOf: "\\u".utf8)
            for shift in [12, 8, 4, 0] as [UInt32] {
                bytes.append(JSONWriter.digits[Int(scalar.value >> shift & 15)])
            }
        default: bytes.append(contentsOf: String(scalar).utf8)
        }
    }
}
