/// A label by which events are queried and append conditions are stated.
///
/// A subject's history is the query for its tag. The stored form is bytes: `label:text` for text
/// values, `label=` and 16 big-endian bytes for identifiers; the first `:` or `=` decides.
///
/// Format: Schemas/log/FORMAT.md, Tags. Source: DCB specification, tags.
public struct Tag: Hashable, Sendable {
    /// What kind of subject: lower-case ASCII letters, digits and `_`, at most 15 bytes, so that it
    /// needs no allocation.
    public let label: String
    public let value: Value

    public enum Value: Hashable, Sendable {
        case text(String)
        case identifier(UInt128)
    }

    /// - Precondition: `label` is 1 ... 15 bytes of `a-z`, `0-9`, `_`.
    public init(label: String, text: String) {
        precondition(Tag.isLabel(label), "Tag: '\(label)' is not a label")
        self.label = label
        self.value = .text(text)
    }

    /// - Precondition: `label` is 1 ... 15 bytes of `a-z`, `0-9`, `_`.
    public init(label: String, identifier: UInt128) {
        precondition(Tag.isLabel(label), "Tag: '\(label)' is not a label")
        self.label = label
        self.value = .identifier(identifier)
    }

    private static func isLabel(_ text: String) -> Bool {
        isLabel(utf8: text.utf8)
    }

    private static func isLabel(utf8 bytes: some Collection<UInt8>) -> Bool {
        (1...15).contains(bytes.count)
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}

extension Tag: CustomStringConvertible {
    /// For people: `order:ord_01h2…`, `sku:85123A`; identifiers of unknown labels as hexadecimal.
    public var description: String {
        switch value {
        case .text(let text):
            return "\(label):\(text)"
        case .identifier(let rawValue):
            guard let prefix = identifierPrefixes[label] else {
                let digits = String(rawValue, radix: 16)
                return label + "=" + String(repeating: "0", count: 32 - digits.count) + digits
            }
            return "\(label):\(prefix)_\(Base32.text(of: rawValue))"
        }
    }

    /// Reads what `description` prints; `nil` when there is no label or the identifier is malformed.
    public init?(_ text: some StringProtocol) {
        guard let separator = text.utf8.firstIndex(where: { $0 == 0x3A || $0 == 0x3D }) else {
            return nil
        }
        let label = String(text[..<separator])
        let value = text[text.utf8.index(after: separator)...]
        guard Tag.isLabel(label) else { return nil }
        if text.utf8[separator] == 0x3D {
            // The standard library would also take a sign for a digit.
            guard value.utf8.count == 32, value.utf8.first != 0x2B, value.utf8.first != 0x2D,
                let rawValue = UInt128(value, radix: 16)
            else { return nil }
            self.init(label: label, identifier: rawValue)
        } else if let prefix = identifierPrefixes[label], value.hasPrefix(prefix + "_") {
            guard let rawValue = Base32.value(of: value.dropFirst(prefix.utf8.count + 1)) else {
                return nil
            }
            self.init(label: label, identifier: rawValue)
        } else {
            self.init(label: label, text: String(value))
        }
    }
}

extension Tag {
    /// Appends the stored form.
    package func encode(into writer: inout WireWriter) {
        writer.append(text: label)
        switch value {
        case .text(let text):
            writer.append(byte: 0x3A)
            writer.append(text: text)
        case .identifier(let rawValue):
            writer.append(byte: 0x3D)
            writer.append(identifier: rawValue)
        }
    }

    /// Whether `init(stored:)` would read these bytes; makes no strings.
    package static func isStored(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let separator = bytes.firstIndex(where: { $0 == 0x3A || $0 == 0x3D }),
            isLabel(utf8: bytes[..<separator])
        else { return false }
        let value = UnsafeRawBufferPointer(rebasing: bytes[(separator + 1)...])
        return bytes[separator] == 0x3D ? value.count == 16 : value.isUTF8
    }

    /// Reads the stored form; `nil` when it is malformed.
    package init?(stored bytes: UnsafeRawBufferPointer) {
        guard let separator = bytes.firstIndex(where: { $0 == 0x3A || $0 == 0x3D }),
            let label = String(utf8: UnsafeRawBufferPointer(rebasing: bytes[..<separator])),
            Tag.isLabel(label)
        else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[(separator + 1)...])
        if bytes[separator] == 0x3D {
            guard value.count == 16 else { return nil }
            self.init(label: label, identifier: WireReader.identifier(from: value))
        } else {
            guard let text = String(utf8: value) else { return nil }
            self.init(label: label, text: text)
        }
    }
}
