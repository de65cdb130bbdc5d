/// Writes one JSON object of texts and whole numbers, without blanks, fields in the order given.
struct FlatJSONWriter {
    private var bytes: [UInt8]
    private var isEmpty = true

    /// Continues after `bytes`; take them back with ``finish()``.
    init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
        self.bytes.append(UInt8(ascii: "{"))
    }

    mutating func add(_ name: StaticString, text: String) {
        add(name)
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Nearly every text is plain, and copying it whole is several times as fast.
            if utf8.allSatisfy({ !FlatJSONWriter.needsEscape($0) }) {
                bytes.append(contentsOf: utf8)
            } else {
                for byte in utf8 {
                    if FlatJSONWriter.needsEscape(byte) { escape(byte) } else { bytes.append(byte) }
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    mutating func add(_ name: StaticString, number: Int64) {
        add(name)
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }

    /// The object's bytes.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func add(_ name: StaticString) {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func escape(_ byte: UInt8) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\\"))
        if byte >= 0x20 {
            bytes.append(byte)
        } else {
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}

/// Reads what ``FlatJSONWriter`` writes.
struct FlatJSONReader {
    private(set) var texts: [String: String] = [:]
    private(set) var numbers: [String: Int64] = [:]

    /// `nil` when the bytes are anything but one flat object of texts and whole numbers.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var scanner = Scanner(bytes: bytes)
        guard scanner.take("{") else { return nil }
        if scanner.take("}") {
            guard scanner.isAtEnd else { return nil }
            return
        }
        repeat {
            guard let name = scanner.text(), scanner.take(":"), texts[name] == nil,
                numbers[name] == nil
            else { return nil }
            if let text = scanner.text() {
                texts[name] = text
            } else if let number = scanner.number() {
                numbers[name] = number
            } else {
                return nil
            }
        } while scanner.take(",")
        guard scanner.take("}"), scanner.isAtEnd else { return nil }
    }
}

extension FlatJSONReader {
    private struct Scanner {
        let bytes: UnsafeRawBufferPointer
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func number() -> Int64? {
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: ","),
                bytes[index] != UInt8(ascii: "}")
            {
                index += 1
            }
            return Int64(String(decoding: bytes[start..<index], as: UTF8.self))
        }

        /// `nil`, without moving, when no text begins here.
        mutating func text() -> String? {
            let start = index
            guard take("\"") else { return nil }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
            if let end = rest.firstIndex(where: {
                $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
            }), rest[end] == UInt8(ascii: "\"") {
                index += end + 1
                return String(validating: rest[..<end], as: UTF8.self)
            }
            return escapedText(from: start)
        }

        private mutating func escapedText(from start: Int) -> String? {
            var plain: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\"") { return String(validating: plain, as: UTF8.self) }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = escaped() else { break }
                    plain.append(escaped)
                } else {
                    plain.append(byte)
                }
            }
            index = start
            return nil
        }

        private mutating func escaped() -> UInt8? {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "u") else { return byte }
            guard index + 4 <= bytes.count else { return nil }
            let digits = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
            index += 4
            return UInt8(digits, radix: 16)
        }
    }
}
