import DaybookCore

/// The merchant's name for a product: 1 ... 64 visible characters, blanks only inside.
public struct SKU: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init?(rawValue: String) {
        guard rawValue.isVisibleText(ofAtMost: 64) else { return nil }
        self.rawValue = rawValue
    }

    public init?(_ text: some StringProtocol) {
        self.init(rawValue: String(text))
    }

    /// Reads the bytes of the text, as they are stored; refuses what `init(rawValue:)` refuses.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard let text = String(utf8: bytes),
            bytes.isVisibleASCII(ofAtMost: 64) || text.isVisibleText(ofAtMost: 64)
        else { return nil }
        rawValue = text
    }

    public static func < (left: SKU, right: SKU) -> Bool { left.rawValue < right.rawValue }
    public var description: String { rawValue }
}

/// A place where goods are kept: 1 ... 32 visible characters.
public struct LocationID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
{
    public let rawValue: String

    /// The location that is meant where none is named.
    public static let main = LocationID(checked: "main")

    public init?(rawValue: String) {
        guard rawValue.isVisibleText(ofAtMost: 32) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads the bytes of the text, as they are stored; refuses what `init(rawValue:)` refuses.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard let text = String(utf8: bytes),
            bytes.isVisibleASCII(ofAtMost: 32) || text.isVisibleText(ofAtMost: 32)
        else { return nil }
        rawValue = text
    }

    private init(checked rawValue: String) {
        self.rawValue = rawValue
    }

    public static func < (left: LocationID, right: LocationID) -> Bool {
        left.rawValue < right.rawValue
    }
    public var description: String { rawValue }
}

extension String {
    /// 1 ... `limit` characters, none a control character or line break, no blank at either end.
    func isVisibleText(ofAtMost limit: Int) -> Bool {
        let isPlain = utf8.withContiguousStorageIfAvailable { bytes in
            UnsafeRawBufferPointer(bytes).isVisibleASCII(ofAtMost: limit)
        }
        if isPlain == true { return true }
        // The byte count bounds the character count from above, and counting bytes is free.
        guard !isEmpty, utf8.count <= limit || count <= limit else { return false }
        guard let first = unicodeScalars.first, let last = unicodeScalars.last,
            !first.properties.isWhitespace, !last.properties.isWhitespace
        else { return false }
        return unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
                .paragraphSeparator:
                false
            default: true
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// 1 ... `limit` visible ASCII characters, no blank at either end: what nearly all names are, so that
    /// the tables of Unicode need not be asked about each character.
    func isVisibleASCII(ofAtMost limit: Int) -> Bool {
        guard let first, let last, count <= limit, first != 0x20, last != 0x20 else { return false }
        return allSatisfy { 0x20 <= $0 && $0 <= 0x7E }
    }
}
