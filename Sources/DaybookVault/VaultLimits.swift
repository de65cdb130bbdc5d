/// Bounds of the vault, each with its reason.
package enum VaultLimits {
    /// Far above the 128 characters that the password policy allows; bounds the work of hashing.
    package static let passwordByteCount = 1_024
    /// On two cores two hashes at once leave the committer breathing (SECURITY.md 2).
    package static let concurrentHashCount = 2
    /// Beyond these the caller is told to come back (SECURITY.md 2).
    package static let waitingHashCount = 32
    /// Unwrapped keys kept in memory, those that were used last: at most some 20 MB.
    package static let cachedKeyCount = 100_000
    /// How many generations of the token key are good: the current one and the one before.
    package static let tokenKeyCount = 2
    /// A sealed value: an address or a name, never a document.
    package static let sealedByteCount = 65_536
}
