/// A SHA-256 value.
public struct Digest: Hashable, Sendable {
    /// The 32 bytes as four big-endian words, so that no allocation is needed.
    @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

    public static let byteCount = 32
    public static let zero = Digest(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// - Precondition: exactly 32 bytes.
    public init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Digest.byteCount, "Digest: 32 bytes are needed")
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Digest.byteCount else { return nil }
        self = bytes.withUnsafeBytes { Digest(bytes: $0) }
    }

    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
    }

    /// Calls `body` with the 32 bytes, without an allocation.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let ordered = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        return Swift.withUnsafeBytes(of: ordered, body)
    }

    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var description: String {
        withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = Digest.digit(byte >> 4)
                    text[2 * index + 1] = Digest.digit(byte & 15)
                }
                return text.count
            }
        }
    }

    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// The hash that links frames, names batches and fingerprints requests: SHA-256, handed in so that a
/// user of the log alone chooses who computes it.
public struct HashFunction: Sendable {
    private let function: @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Digest

    /// - Parameter function: must compute SHA-256 of both parts as if they were one; every log is checked
    ///   against it. Either may be empty.
    public init(
        _ function: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Digest
    ) {
        self.function = function
    }

    /// Hashes both parts as if they were one. Two are enough for every frame and leaf, and cost no array.
    public func digest(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> Digest {
        function(first, second)
    }
}
