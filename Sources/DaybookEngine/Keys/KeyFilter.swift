import DaybookCore

/// Says of most keys that are not in a run that they are not: a Bloom filter whose bits of one key lie in
/// one cache line.
///
/// Some four keys in a thousand that are not there seem to be; none that is there is missed.
///
/// - Complexity: O(1), one cache line a question; 1.5 bytes a key.
struct KeyFilter: Sendable {
    private(set) var words: [UInt64]

    private static let bitsPerKey: UInt64 = 12
    private static let bitsPerLine: UInt64 = 512
    private static let wordsPerLine = 8
    private static let probeCount = 6

    /// - Precondition: as many words as a run of so many keys has.
    init(words: [UInt64]) {
        precondition(
            !words.isEmpty && words.count % KeyFilter.wordsPerLine == 0,
            "KeyFilter: whole lines")
        self.words = words
    }

    init(keyCount: UInt64) {
        words = [UInt64](repeating: 0, count: KeyFilter.wordCount(keyCount: keyCount))
    }

    static func wordCount(keyCount: UInt64) -> Int {
        max(1, Int((keyCount * bitsPerKey + bitsPerLine - 1) / bitsPerLine)) * wordsPerLine
    }

    mutating func insert(_ hash: UInt128) {
        let line = firstWord(of: hash)
        var bits = UInt64(truncatingIfNeeded: hash >> 64)
        for _ in 0..<KeyFilter.probeCount {
            words[line + Int(bits >> 6 & 7)] |= 1 << (bits & 63)
            bits >>= 9
        }
    }

    func mayHold(_ hash: UInt128) -> Bool {
        let line = firstWord(of: hash)
        var bits = UInt64(truncatingIfNeeded: hash >> 64)
        for _ in 0..<KeyFilter.probeCount {
            guard words[line + Int(bits >> 6 & 7)] & (1 << (bits & 63)) != 0 else { return false }
            bits >>= 9
        }
        return true
    }

    /// By the lower half of the hash; the upper one chooses the bits.
    private func firstWord(of hash: UInt128) -> Int {
        let lines = UInt64(words.count / KeyFilter.wordsPerLine)
        let low = UInt64(truncatingIfNeeded: hash)
        return Int(low.multipliedFullWidth(by: lines).high) * KeyFilter.wordsPerLine
    }
}
