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
        var entries: [(key: TagKey, newest: UInt32)] = []
        entries.reserveCapacity(count)
        for slot in keys.indices where newest[slot] != TagTable.none {
            entries.append((keys[slot], newest[slot]))
        }
        invariant(entries.count == count, "TagTable: every tag was found")
        return entries.sorted { $0.key < $1.key }
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
