import Crypto
public import DaybookCore

extension DaybookCore.HashFunction {
    /// SHA-256 by swift-crypto: the hash of every Daybook log.
    public static let sha256 = DaybookCore.HashFunction { parts in
        var hasher = SHA256()
        for part in parts {
            hasher.update(bufferPointer: part)
        }
        return hasher.finalize().withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }
}
