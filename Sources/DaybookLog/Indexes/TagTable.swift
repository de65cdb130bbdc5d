/// The newest posting of each tag: open addressing over keys that are random already.
///
/// 20 bytes a slot, at most three quarters full. A `Dictionary` would hash the keys once more.
struct TagTable: Sendable {
    private var keys: [TagKey]
    /// `TagTable.none` marks a free slot.
    private var newest: [UInt32]
    private(set) var count = 0

    static let none = UInt32.max

    init(capacity: Int = 64) {
        invariant(capacity.nonzeroBitCount == 1, "TagTable: the capacity is a power of two")
        keys = Array(repeating: TagKey(low: 0, high: 0), count: capacity)
        newest = Array(repeating: TagTable.none, count: capacity)
    }

    /// The newest posting, or `none`.
    subscript(key: TagKey) -> UInt32 { newest[slot(of: key)] }

    /// Sets the newest posting of a tag.
    ///
    /// - Returns: the one before, or `none`.
    mutating func replace(_ key: TagKey, with posting: UInt32) -> UInt32 {
        if count * 4 >= keys.count * 3 { grow() }
        let slot = slot(of: key)
        let older = newest[slot]
        if older == TagTable.none {
            keys[slot] = key
            count += 1
        }
        newest[slot] = posting
        invariant(count < keys.count, "TagTable: a free slot ends every search")
        return older
    }

    /// All tags with their newest postings, in the order of the keys.
    func sorted() -> [(key: TagKey, newest: UInt32)] {
        // The keys are random, so their first bits tell nearly where each belongs: as many parts as there
        // are keys, of which most have one or none.
        let bitCount = UInt64(Int.bitWidth - count.leadingZeroBitCount)
        func part(_ key: TagKey) -> Int { Int(truncatingIfNeeded: key.high >> (64 - bitCount)) }
        var ends = [Int](repeating: 0, count: 1 << bitCount)
        for slot in keys.indices where newest[slot] != TagTable.none { ends[part(keys[slot])] += 1 }
        for index in ends.indices.dropFirst() { ends[index] += ends[index - 1] }
        invariant(ends[ends.count - 1] == count, "TagTable: every tag was found")
        var starts = ends
        var entries = [(key: TagKey, newest: UInt32)](
            repeating: (TagKey(low: 0, high: 0), TagTable.none), count: count)
        for slot in keys.indices where newest[slot] != TagTable.none {
            let part = part(keys[slot])
            starts[part] -= 1
            entries[starts[part]] = (keys[slot], newest[slot])
        }
        for part in ends.indices where ends[part] - starts[part] > 1 {
            entries[starts[part]..<ends[part]].sort { $0.key < $1.key }
        }
        return entries
    }

    /// The key's slot, or the free one where it belongs; there always is a free one.
    private func slot(of key: TagKey) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: key.low) & mask
        while newest[slot] != TagTable.none, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = TagTable(capacity: keys.count * 2)
        for slot in keys.indices where newest[slot] != TagTable.none {
            let target = larger.slot(of: keys[slot])
            larger.keys[target] = keys[slot]
            larger.newest[target] = newest[slot]
        }
        larger.count = count
        invariant(
            4 * count <= 3 * larger.keys.count, "TagTable: most slots of the larger one are free")
        invariant(larger.keys.count == 2 * keys.count, "TagTable: it has doubled")
        self = larger
    }
}
