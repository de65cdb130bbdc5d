/// Which passwords are accepted: long enough, not absurdly long, and not one that everybody tries.
///
/// There are no composition rules and nothing is cut or normalised: what is hashed is what was typed.
///
/// Source: NIST SP 800-63B-4 section 3.1.1.2; OWASP ASVS 5.0 section 6.2; DOMAIN D-37.
public struct PasswordPolicy: Hashable, Sendable {
    /// In Unicode scalars; 15 where the password is the only factor.
    public var minimumLength: Int
    /// In Unicode scalars; it bounds the work of hashing.
    public var maximumLength: Int
    /// Lower-case passwords that are refused whatever their length.
    public var blocked: Set<String>

    public init(
        minimumLength: Int = 15, maximumLength: Int = 128,
        blocked: Set<String> = PasswordPolicy.common
    ) {
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.blocked = blocked
    }

    /// Checks a password, also against the address it is for.
    ///
    /// - Throws: ``Rejection/weakPassword(_:)`` with the rule that was broken.
    public func check(_ password: String, email: CanonicalEmail? = nil) throws(Rejection) {
        let length = password.unicodeScalars.count
        guard length >= minimumLength else {
            throw .weakPassword(.tooShort(minimum: minimumLength))
        }
        guard length <= maximumLength else { throw .weakPassword(.tooLong(maximum: maximumLength)) }
        let folded = password.lowercased()
        guard !blocked.contains(folded), !PasswordPolicy.isPattern(folded) else {
            throw .weakPassword(.tooCommon)
        }
        if let email {
            guard folded != email.canonical, folded != email.typed.lowercased() else {
                throw .weakPassword(.containsAddress)
            }
        }
    }

    /// One short piece repeated, or a run along the alphabet, the digits or the keyboard.
    private static func isPattern(_ text: String) -> Bool {
        let units = Array(text.unicodeScalars)
        for width in 1...4 where units.count > width {
            if (width..<units.count).allSatisfy({ units[$0] == units[$0 - width] }) { return true }
        }
        return runs.contains { run in
            run.contains(text) || String(run.reversed()).contains(text)
        }
    }

    private static let runs = [
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
        "01234567890123456789012345678901234567890",
        "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    ]
}

/// What is wrong with a password.
public enum PasswordRule: Hashable, Sendable {
    case tooShort(minimum: Int)
    case tooLong(maximum: Int)
    case tooCommon
    case containsAddress

    /// Stable, for programs.
    public var name: String {
        switch self {
        case .tooShort: "too_short"
        case .tooLong: "too_long"
        case .tooCommon: "too_common"
        case .containsAddress: "contains_address"
        }
    }
}

/// What is wrong with an address.
public enum EmailRule: String, Hashable, Sendable {
    case empty
    case tooLong = "too_long"
    case noAtSign = "no_at_sign"
    case badLocalPart = "bad_local_part"
    case badDomain = "bad_domain"

    /// Stable, for programs.
    public var name: String { rawValue }
}
