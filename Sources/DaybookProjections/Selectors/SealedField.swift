public import DaybookDecisions

/// A personal value that only its owner's key opens; shown as it is stored.
public struct SealedField: Hashable, Sendable, Codable {
    /// Hexadecimal: nonce, ciphertext, authentication tag.
    public let sealed: String
    public let keyVersion: UInt32

    enum CodingKeys: String, CodingKey {
        case sealed
        case keyVersion = "key_version"
    }

    init(box: [UInt8], keyVersion: UInt32) {
        sealed = Hexadecimal.text(of: box)
        self.keyVersion = keyVersion
    }

    /// For opening it; `nil` when the text was not written by this type.
    public var value: Sealed? {
        Hexadecimal.bytes(of: sealed).map { Sealed(box: $0, keyVersion: keyVersion) }
    }
}
