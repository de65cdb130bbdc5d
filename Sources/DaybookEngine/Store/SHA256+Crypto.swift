import Crypto
public import DaybookCore

extension DaybookCore.HashFunction {
    /// SHA-256 by swift-crypto: the hash of every Daybook log.
    public static let sha256 = DaybookCore.HashFunction { first, second in
        var hasher = SHA256()
        hasher.update(bufferPointer: first)
        if !second.isEmpty { hasher.update(bufferPointer: second) }
        return hasher.finalize().withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }
}
