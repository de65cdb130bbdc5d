/// A 128-bit hash of one row, or the sum of such hashes: SipHash-2-4-128 with the fixed key
/// 00 01 … 0f, output read as a little-endian number.
///
/// A digest of a table is the sum modulo 2^128 of its rows' hashes, so that it does not depend on
/// the order of the rows. It compares two honest copies; it does not withstand an adversary.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with 128-bit output.
package struct RowHash: Hashable, Sendable {
    package var rawValue: UInt128

    package static let zero = RowHash(rawValue: 0)

    package init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    package init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { RowHash(of: $0) }
    }

    package init(of bytes: UnsafeRawBufferPointer) {
        var state = SipState()
        var index = 0
        while index + 8 <= bytes.count {
            state.absorb(
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            index += 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        var shift: UInt64 = 0
        while index < bytes.count {
            last |= UInt64(bytes[index]) << shift
            shift += 8
            index += 1
        }
        state.absorb(last)
        rawValue = state.finish()
    }

    /// Adds modulo 2^128.
    package static func &+= (left: inout RowHash, right: RowHash) {
        left.rawValue &+= right.rawValue
    }

    /// The 16 bytes of the hash in the order of the published vectors.
    package var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> UInt128($0 * 8)) }
    }

    /// 32 lower-case hexadecimal digits.
    package var hexadecimal: String { Hexadecimal.text(of: bytes) }
}

extension RowHash: CustomStringConvertible {
    package var description: String { hexadecimal }
}

/// The four words of SipHash.
private struct SipState {
    private var v0: UInt64 = 0x736f_6d65_7073_6575
    private var v1: UInt64 = 0x646f_7261_6e64_6f6d
    private var v2: UInt64 = 0x6c79_6765_6e65_7261
    private var v3: UInt64 = 0x7465_6462_7974_6573

    init() {
        let key0: UInt64 = 0x0706_0504_0302_0100
        let key1: UInt64 = 0x0f0e_0d0c_0b0a_0908
        v0 ^= key0
        v1 ^= key1 ^ 0xee
        v2 ^= key0
        v3 ^= key1
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish() -> UInt128 {
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        let high = v0 ^ v1 ^ v2 ^ v3
        return UInt128(high) << 64 | UInt128(low)
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = (v1 << 13 | v1 >> 51) ^ v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = (v3 << 16 | v3 >> 48) ^ v2
        v0 &+= v3
        v3 = (v3 << 21 | v3 >> 43) ^ v0
        v2 &+= v1
        v1 = (v1 << 17 | v1 >> 47) ^ v2
        v2 = v2 << 32 | v2 >> 32
    }
}
