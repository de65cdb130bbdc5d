/// Finds the one flipped bit that explains a wrong CRC-32C.
///
/// The checksum is linear: flipping a bit changes it by a value (the syndrome) that depends only on
/// how far the bit stands from the end. All syndromes of up to 2^31 bits differ, so there is at most
/// one candidate. A candidate is a guess, not a proof: more than one flipped bit can have the
/// syndrome of another single one.
enum ChecksumSyndrome {
    /// Where the flipped bit would be.
    enum Candidate: Hashable {
        /// In the covered bytes.
        case covered(byteOffset: Int, bit: Int)
        /// In the stored checksum itself.
        case checksum(bit: Int)
    }

    private static let polynomial: UInt32 = 0x82F6_3B78

    /// - Parameters:
    ///   - computed: over the bytes as they are.
    ///   - byteCount: how many bytes the checksum covers.
    /// - Returns: `nil` when the checksums agree, or when no single bit explains the difference.
    /// - Complexity: O(*n*) shifts in the worst case, about a nanosecond each.
    static func candidate(stored: UInt32, computed: UInt32, byteCount: Int) -> Candidate? {
        let wanted = stored ^ computed
        guard wanted != 0 else { return nil }
        if wanted.nonzeroBitCount == 1 { return .checksum(bit: wanted.trailingZeroBitCount) }
        // The last covered bit was shifted through the polynomial once, the one before it twice …
        var syndrome = polynomial
        for distance in 0..<(byteCount * 8) {
            if syndrome == wanted {
                let index = byteCount * 8 - 1 - distance
                return .covered(byteOffset: index / 8, bit: index % 8)
            }
            syndrome = syndrome & 1 == 1 ? (syndrome >> 1) ^ polynomial : syndrome >> 1
        }
        return nil
    }

    /// Corrects `bytes` when one bit explains a wrong checksum that stands at `checksumOffset` and
    /// covers everything before it.
    ///
    /// - Returns: whether the checksum is right now.
    static func correct(_ bytes: inout [UInt8], checksumOffset: Int) -> Bool {
        let (stored, computed) = bytes.withUnsafeBytes { bytes in
            (
                bytes.uint32(at: checksumOffset),
                Checksum.crc32c(bytes.slice(0, checksumOffset))
            )
        }
        guard stored != computed else { return true }
        switch candidate(stored: stored, computed: computed, byteCount: checksumOffset) {
        case .covered(let byteOffset, let bit): bytes[byteOffset] ^= 1 << UInt8(bit)
        case .checksum(let bit): bytes[checksumOffset + bit / 8] ^= 1 << UInt8(bit % 8)
        case nil: return false
        }
        return true
    }
}
