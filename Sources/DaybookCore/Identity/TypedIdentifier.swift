/// A 128-bit, time-ordered name (UUIDv7) of one kind of subject.
///
/// The text form is a TypeID: a three-letter prefix, `_`, and 26 characters of Crockford base 32,
/// for example `ord_01h2xcejqtf2nbrexx3vqjhp41`. It sorts like the number.
///
/// Source: RFC 9562 section 5.7; TypeID specification 0.3.
public protocol TypedIdentifier: RawRepresentable, Hashable, Comparable, Sendable,
    CustomStringConvertible, Codable
where RawValue == UInt128 {
    /// The prefix of the text form, for example `ord`.
    static var prefix: String { get }
    /// The label of the tag that names this subject, for example `order`.
    static var tagLabel: String { get }
    /// What is stored of it.
    var words: IdentifierWords { get }
    init(words: IdentifierWords)
}

/// 128 bits as two words. One value of 128 bits is aligned to 16 bytes, and so is whatever holds one: Swift
/// takes memory for that from a slower allocator, and pads.
public struct IdentifierWords: Hashable, Sendable {
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64

    @inlinable
    public init(_ value: UInt128) {
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    @inlinable public var value: UInt128 { UInt128(high) << 64 | UInt128(low) }
}

extension TypedIdentifier {
    @inlinable
    public init(rawValue: UInt128) { self.init(words: IdentifierWords(rawValue)) }

    @inlinable public var rawValue: UInt128 { words.value }

    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(words) }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public var description: String { Base32.text(of: rawValue, behind: Self.prefix) }

    /// Reads the text form; `nil` when the prefix is another's or the text is malformed.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix + "_"),
            let rawValue = Base32.value(of: text.dropFirst(Self.prefix.count + 1))
        else { return nil }
        self.init(rawValue: rawValue)
    }

    /// The tag under which every event of this subject is found.
    public var tag: Tag { Tag(label: Self.tagLabel, identifier: rawValue) }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected \(Self.prefix)_ and 26 characters, got '\(text)'"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Crockford base 32 of 128-bit values, lower case, 26 characters, most significant first.
package enum Base32 {
    /// No array: it would be looked for behind a lock each time.
    package static var alphabet: StaticString { "0123456789abcdefghjkmnpqrstvwxyz" }
    /// The value of each digit; 255 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for value in 0..<32 { values[Int(alphabet.utf8Start[value])] = UInt8(value) }
        return values
    }()

    package static func text(of value: UInt128) -> String {
        String(unsafeUninitializedCapacity: 26) { buffer in
            write(value, to: buffer, at: 0)
            return 26
        }
    }

    /// Prefix, `_`, the digits and a suffix as one string, made at once: keys of calls to the gateway are made
    /// for every order.
    package static func text(
        of value: UInt128, behind prefix: String, before suffix: String = ""
    ) -> String {
        let byteCount = prefix.utf8.count + 27 + suffix.utf8.count
        return String(unsafeUninitializedCapacity: byteCount) { buffer in
            var end = 0
            func append(_ byte: UInt8) {
                buffer[end] = byte
                end += 1
            }
            for byte in prefix.utf8 { append(byte) }
            append(UInt8(ascii: "_"))
            write(value, to: buffer, at: end)
            end += 26
            for byte in suffix.utf8 { append(byte) }
            return end
        }
    }

    private static func write(
        _ value: UInt128, to buffer: UnsafeMutableBufferPointer<UInt8>, at offset: Int
    ) {
        let digits = alphabet.utf8Start
        // Twelve digits are 60 bits: in parts of one word, since every step on 128 bits is several.
        var rest = UInt64(truncatingIfNeeded: value)
        for index in stride(from: offset + 25, to: offset + 13, by: -1) {
            buffer[index] = digits[Int(truncatingIfNeeded: rest & 31)]
            rest >>= 5
        }
        rest = UInt64(truncatingIfNeeded: value >> 60)
        for index in stride(from: offset + 13, to: offset + 1, by: -1) {
            buffer[index] = digits[Int(truncatingIfNeeded: rest & 31)]
            rest >>= 5
        }
        rest = UInt64(truncatingIfNeeded: value >> 120)
        buffer[offset + 1] = digits[Int(truncatingIfNeeded: rest & 31)]
        buffer[offset] = digits[Int(truncatingIfNeeded: rest >> 5)]
    }

    package static func value(of text: some StringProtocol) -> UInt128? {
        let isContiguous = text.utf8.withContiguousStorageIfAvailable {
            value(ofDigits: UnsafeRawBufferPointer($0))
        }
        if let value = isContiguous { return value }
        return Array(text.utf8).withUnsafeBytes { value(ofDigits: $0) }
    }

    /// The value of 26 digits; `nil` for anything else.
    package static func value(ofDigits digits: UnsafeRawBufferPointer) -> UInt128? {
        guard digits.count == 26, let first = digits.first, first <= UInt8(ascii: "7") else {
            return nil
        }
        // In parts of one word, as above.
        return values.withUnsafeBufferPointer { values in
            func word(_ range: Range<Int>) -> UInt64? {
                var word: UInt64 = 0
                for index in range {
                    let digit = values[Int(digits[index])]
                    guard digit < 32 else { return nil }
                    word = word << 5 | UInt64(digit)
                }
                return word
            }
            guard let high = word(0..<2), let middle = word(2..<14), let low = word(14..<26) else {
                return nil
            }
            return UInt128(high) << 120 | UInt128(middle) << 60 | UInt128(low)
        }
    }
}
