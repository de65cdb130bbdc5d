/// Text as a JSON string.
enum JSONText {
    /// Escapes quotes, backslashes and control characters; everything else stays as it is.
    ///
    /// Source: RFC 8259 section 7.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same, behind what is there.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { source in
            if source.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
                bytes.append(contentsOf: source)
            } else {
                for byte in source { append(escaping: byte, to: &bytes) }
            }
        }
        bytes.append(0x22)
    }

    private static func append(escaping byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(contentsOf: Hexadecimal.text(of: CollectionOfOne(byte)).utf8)
        default: bytes.append(byte)
        }
    }
}
