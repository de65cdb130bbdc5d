import DaybookCore

/// Places by the hash of what stands at them: 8 bytes a slot, five sixths of the slots taken at most.
///
/// The key itself stands at the place only, so whoever asks compares it there. Half of the hash is kept in
/// the slot: hardly a place is looked at in vain, and growing looks at none. Tables grow by a quarter, so
/// that a large one has little room to spare; in shards, so that no insertion moves more than a small
/// share, and a copy that is changed copies no more than that.
///
/// - Complexity: O(1) a question; 9.6 to 12 bytes an entry once there are thousands.
struct PlaceIndex: Sendable {
    private var shards = [Shard](repeating: Shard(), count: shardCount)

    private static let shardCount = 64

    fileprivate struct Shard: Sendable {
        /// Upper half of the hash and the place with one added; 0 is free.
        var slots: [UInt64] = []
        var count = 0
    }

    var count: Int { shards.reduce(0) { $0 + $1.count } }
    var byteCount: Int { shards.reduce(0) { $0 + $1.slots.count * MemoryLayout<UInt64>.size } }

    /// The first place under the hash that is the wanted one.
    func place(_ hash: UInt64, where isWanted: (UInt32) -> Bool) -> UInt32? {
        let shard = PlaceIndex.shard(of: hash)
        return shards[shard].slot(of: hash, where: isWanted).map { slot in
            PlaceIndex.place(shards[shard].slots[slot])
        }
    }

    /// - Precondition: the place is not here under this hash.
    mutating func insert(_ place: UInt32, _ hash: UInt64) {
        shards[PlaceIndex.shard(of: hash)].insert(PlaceIndex.slot(place, hash))
    }

    /// - Returns: the place that was there.
    @discardableResult
    mutating func remove(_ hash: UInt64, where isWanted: (UInt32) -> Bool) -> UInt32? {
        let shard = PlaceIndex.shard(of: hash)
        guard let slot = shards[shard].slot(of: hash, where: isWanted) else { return nil }
        let place = PlaceIndex.place(shards[shard].slots[slot])
        shards[shard].remove(at: slot)
        return place
    }

    /// Every place, in no order that means anything.
    func forEach(_ body: (UInt32) -> Void) {
        for shard in shards {
            for slot in shard.slots where slot != 0 { body(PlaceIndex.place(slot)) }
        }
    }

    /// The hash of an identifier, whose own bits are random already.
    static func hash(_ identifier: UInt128) -> UInt64 { IdentifierHash(identifier).mixed }

    private static func shard(of hash: UInt64) -> Int { Int((hash >> 26) & 63) }

    private static func slot(_ place: UInt32, _ hash: UInt64) -> UInt64 {
        (hash >> 32) << 32 | (UInt64(place) + 1)
    }

    fileprivate static func place(_ slot: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: slot) - 1
    }
}

extension PlaceIndex.Shard {
    func slot(of hash: UInt64, where isWanted: (UInt32) -> Bool) -> Int? {
        guard count > 0 else { return nil }
        let wanted = hash >> 32
        var index = home(of: hash)
        while slots[index] != 0 {
            if slots[index] >> 32 == wanted, isWanted(PlaceIndex.place(slots[index])) {
                return index
            }
            index = next(index)
        }
        return nil
    }

    mutating func insert(_ slot: UInt64) {
        if (count + 1) * 6 > slots.count * 5 { grow() }
        put(slot)
        count += 1
    }

    /// What was pushed behind the hole moves up, so no mark stays in the way of later searches.
    mutating func remove(at index: Int) {
        var hole = index
        var other = next(hole)
        while slots[other] != 0 {
            if distance(home(of: slots[other]), other) >= distance(hole, other) {
                slots[hole] = slots[other]
                hole = other
            }
            other = next(other)
        }
        slots[hole] = 0
        count -= 1
    }

    private mutating func put(_ slot: UInt64) {
        var index = home(of: slot)
        while slots[index] != 0 { index = next(index) }
        slots[index] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count + old.count / 4 + 8)
        for slot in old where slot != 0 { put(slot) }
    }

    /// The upper half of a hash, and of a slot, as a share of the table.
    private func home(of hash: UInt64) -> Int {
        Int(((hash >> 32) &* UInt64(slots.count)) >> 32)
    }

    private func next(_ index: Int) -> Int { index + 1 == slots.count ? 0 : index + 1 }

    private func distance(_ from: Int, _ to: Int) -> Int {
        to >= from ? to - from : to - from + slots.count
    }
}
