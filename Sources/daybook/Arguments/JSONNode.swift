/// A JSON value that remembers where it stood, so that an error can say where to look.
struct JSONNode: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case null
        case flag(Bool)
        /// A whole number that fits 64 bits.
        case integer(Int64)
        /// Any other number, as written.
        case otherNumber(String)
        case text(String)
        case array([JSONNode])
        /// In the order of the text; no name occurs twice.
        case object([JSONMember])
    }

    var value: Value
    /// Bytes from the start of the text.
    var byteOffset: Int

    /// What it is, for messages.
    var kind: String {
        switch value {
        case .null: "null"
        case .flag: "true or false"
        case .integer: "a whole number"
        case .otherNumber(let text): "the number \(text)"
        case .text: "text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

struct JSONMember: Hashable, Sendable {
    var name: String
    var node: JSONNode
}

/// Why a text is not JSON.
struct JSONSyntaxError: Error, Hashable, Sendable {
    var reason: String
    var byteOffset: Int

    /// Line and column, both from 1; the column counts bytes.
    func place(in bytes: some Collection<UInt8>) -> (line: Int, column: Int) {
        let before = bytes.prefix(byteOffset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return (line, column)
    }
}
