/// Numbers that depend on a seed and a text only, the same in every process.
enum SeededDraw {
    /// FNV-1a over the text, then the finaliser of SplitMix64.
    ///
    /// Source: Fowler, Noll, Vo, draft-eastlake-fnv; Steele, Lea, Flood, "Fast Splittable
    /// Pseudorandom Number Generators" (2014).
    static func draw(seed: UInt64, _ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        var value = hash &+ (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
