/// Base 64 with the standard alphabet.
///
/// Source: RFC 4648 section 4.
package enum Base64 {
    /// Reads padded base 64 without blanks or line breaks; `nil` when the text is malformed.
    package static func bytes(of text: String) -> [UInt8]? {
        let count = text.utf8.count
        guard count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3)
        var group: UInt32 = 0
        var paddingCount = 0
        for (index, character) in text.utf8.enumerated() {
            if character == UInt8(ascii: "="), index >= count - 2 {
                paddingCount += 1
                group <<= 6
            } else {
                guard paddingCount == 0, let digit = digit(of: character) else { return nil }
                group = group << 6 | digit
            }
            guard index % 4 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            bytes.append(UInt8(truncatingIfNeeded: group >> 8))
            bytes.append(UInt8(truncatingIfNeeded: group))
            group = 0
        }
        // The padding stands for bytes that are not there; their bits must be zero.
        for _ in 0..<paddingCount {
            guard bytes.popLast() == 0 else { return nil }
        }
        return bytes
    }

    private static func digit(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
