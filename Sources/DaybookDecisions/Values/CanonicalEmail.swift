import DaybookCore
@_spi(_Unicode) import Swift

/// An address in the one form in which addresses are compared and claimed.
///
/// Blanks at the ends are cut, the text is brought to NFC and lower case, and the domain to its ASCII
/// form. Canonicalising is idempotent. There are no tricks for single providers: dots and `+tags` are
/// part of the address.
///
/// What is accepted: `local@domain`, at most 254 bytes; a local part of at most 64 bytes, of letters,
/// digits and ``!#$%&'*+-/=?^_`{|}~`` in parts separated by single dots, or of visible characters
/// beyond ASCII (RFC 6531); a domain of two or more labels of letters, digits and inner hyphens, each
/// of 1 ... 63 bytes in ASCII form, the last not all digits. Quoted local parts, comments and address
/// literals are refused. Domain labels beyond ASCII are mapped by NFC and lower case only, not by the
/// full tables of UTS 46.
///
/// The standard library normalises text but shows the result through an underscored interface only;
/// using it here saves a dependency on Foundation. The test of known vectors would notice a change.
public struct CanonicalEmail: Hashable, Sendable {
    /// The form to compare.
    public let canonical: String
    /// The address as it was typed, for sending to and showing.
    public let typed: String

    /// - Throws: ``Rejection/invalidEmail(_:)`` with the rule that was broken.
    public init(_ typed: String) throws(Rejection) {
        let trimmed = String(typed.trimmingBlanks())
        guard !trimmed.isEmpty else { throw .invalidEmail(.empty) }
        guard trimmed.utf8.count <= 1_000 else { throw .invalidEmail(.tooLong) }
        let folded = CanonicalEmail.folded(trimmed)
        guard let separator = folded.lastIndex(of: "@") else { throw .invalidEmail(.noAtSign) }
        let local = folded[..<separator]
        guard CanonicalEmail.isLocalPart(local) else { throw .invalidEmail(.badLocalPart) }
        guard let domain = CanonicalEmail.asciiDomain(of: folded[folded.index(after: separator)...])
        else { throw .invalidEmail(.badDomain) }
        let canonical = local + "@" + domain
        guard canonical.utf8.count <= 254 else { throw .invalidEmail(.tooLong) }
        self.canonical = String(canonical)
        self.typed = trimmed
    }

    /// Two addresses are the same if they canonicalise alike, however they were typed.
    public static func == (left: CanonicalEmail, right: CanonicalEmail) -> Bool {
        left.canonical.utf8.elementsEqual(right.canonical.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(canonical)
    }

    /// The address with most of its local part hidden, for logs and screens: `b…@example.com`.
    public var masked: String {
        let domain = canonical.drop { $0 != "@" }
        return "\(canonical.prefix(1))…\(domain)"
    }
}

extension CanonicalEmail {
    /// NFC and lower case; lowering can leave marks that compose, hence the second pass.
    private static func folded(_ text: String) -> String {
        if Mutant.addressCaseMatters.isPlanted { return text.composed }
        if Mutant.addressNotComposed.isPlanted { return text.lowercased() }
        return text.isASCII ? text.lowercased() : text.composed.lowercased().composed
    }

    private static func isLocalPart(_ text: Substring) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        let parts = text.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII ? $0.isAtomText : $0.isVisible }
        }
    }

    private static func asciiDomain(of text: Substring) -> String? {
        // The ideographic and wide full stops separate labels, too (IDNA 2003 section 3.1).
        let separators: Set<Unicode.Scalar> = [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"]
        var labels: [String] = []
        for label in text.unicodeScalars.split(
            omittingEmptySubsequences: false, whereSeparator: { separators.contains($0) })
        {
            guard let ascii = asciiLabel(of: Array(label)) else { return nil }
            labels.append(ascii)
        }
        let domain = labels.joined(separator: ".")
        guard labels.count >= 2, domain.utf8.count <= 253,
            let last = labels.last, !last.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return domain
    }

    private static func asciiLabel(of label: [Unicode.Scalar]) -> String? {
        guard !label.isEmpty, label.first != "-", label.last != "-",
            label.allSatisfy({ $0.isASCII ? $0.isLetterDigitHyphen : $0.isDomainLetter })
        else { return nil }
        guard label.contains(where: { !$0.isASCII }), !Mutant.domainNotEncoded.isPlanted else {
            return label.count <= 63 ? String(String.UnicodeScalarView(label)) : nil
        }
        guard let encoded = Punycode.encode(label), encoded.utf8.count <= 59 else { return nil }
        return "xn--" + encoded
    }
}

extension String {
    fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    /// Normalisation form C.
    fileprivate var composed: String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: _nfc)
        return String(scalars)
    }

    fileprivate func trimmingBlanks() -> Substring {
        var rest = self[...]
        while rest.unicodeScalars.first?.properties.isWhitespace == true {
            rest.unicodeScalars.removeFirst()
        }
        while rest.unicodeScalars.last?.properties.isWhitespace == true {
            rest.unicodeScalars.removeLast()
        }
        return rest
    }
}

extension Unicode.Scalar {
    /// `atext` of RFC 5322.
    fileprivate var isAtomText: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|",
            "}", "~":
            true
        default: false
        }
    }

    fileprivate var isLetterDigitHyphen: Bool {
        switch self {
        case "a"..."z", "0"..."9", "-": true
        default: false
        }
    }

    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    fileprivate var isDomainLetter: Bool {
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .titlecaseLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: false
        }
    }
}
