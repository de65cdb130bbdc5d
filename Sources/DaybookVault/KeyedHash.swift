import Crypto
import DaybookCore

/// HMAC-SHA-256 under one key whose two padded blocks are hashed once, so that a digest goes on from there.
///
/// `HMAC` of swift-crypto goes on as well, but through generic calls that take longer than the hashing: each
/// request with a key has one.
///
/// Source: RFC 2104 sections 2 and 4.
struct KeyedHash: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    /// - Precondition: the key is not longer than a block, 64 bytes.
    init(key: SymmetricKey) {
        inner = KeyedHash.begun(with: key, padding: 0x36)
        outer = KeyedHash.begun(with: key, padding: 0x5C)
    }

    private static func begun(with key: SymmetricKey, padding: UInt8) -> SHA256 {
        var hasher = SHA256()
        withUnsafeTemporaryAllocation(byteCount: SHA256.blockByteCount, alignment: 8) { block in
            key.withUnsafeBytes { key in
                precondition(key.count <= block.count, "KeyedHash: such a key is hashed first")
                for index in block.indices {
                    block[index] = padding ^ (index < key.count ? key[index] : 0)
                }
            }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(block))
        }
        return hasher
    }

    func digest(_ bytes: UnsafeRawBufferPointer) -> DaybookCore.Digest {
        var inner = inner
        inner.update(bufferPointer: bytes)
        var outer = outer
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize().withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }
}
