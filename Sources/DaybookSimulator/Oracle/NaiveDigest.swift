import Crypto

/// A SHA-256, held in place.
package struct NaiveDigest: Hashable, Sendable {
    private var words = SIMD4<UInt64>()

    static let byteCount = 32
    static let zero = NaiveDigest()

    private init() {}

    init(_ bytes: UnsafeRawBufferPointer) {
        words = bytes.loadUnaligned(as: SIMD4<UInt64>.self)
    }

    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words, body)
    }
}

/// A SHA-256 in the making.
struct NaiveHasher {
    private var hasher = SHA256()

    /// - Parameter domain: what the format puts before the bytes, to say what they are.
    init(domain: UInt8? = nil) {
        if let domain { add(number: domain) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }

    mutating func add(_ digest: NaiveDigest) {
        digest.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }

    mutating func add(_ text: String) { Array(text.utf8).withUnsafeBytes { add($0) } }

    /// Least significant byte first.
    mutating func add(number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { hasher.update(bufferPointer: $0) }
    }

    func digest() -> NaiveDigest { hasher.finalize().withUnsafeBytes { NaiveDigest($0) } }
}
