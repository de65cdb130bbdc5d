public import DaybookCore

/// HMAC-SHA-256 of a canonical address under the vault's index key: the only form of an address
/// outside sealed fields.
public struct EmailDigest: Hashable, Sendable, CustomStringConvertible {
    public let digest: Digest

    public init(digest: Digest) {
        self.digest = digest
    }

    public var description: String { digest.description }
}
