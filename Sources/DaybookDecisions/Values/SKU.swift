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
