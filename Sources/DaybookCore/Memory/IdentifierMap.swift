/// Small values by 128-bit identifier: open addressing in flat arrays, no reference inside.
///
/// For identifiers that nobody outside chooses: they are random or hashes already, so their own bits
/// spread them and no keyed hash is computed. The identifier 0 is never given out and marks a free
/// place; a forged log may name it all the same, so it has a place of its own.
///
/// Everything is inlinable: what is not specialised for its value costs ten times as much.
///
/// Split into shards, so that no insertion moves more than a small share of the entries, and a copy that
/// is changed copies no more than that.
///
/// - Complexity: O(1) a question; 16 bytes and a value for each place, of which two thirds to five sixths
///   are taken once there are a hundred thousand; before, a third to two thirds.
@usableFromInline
package struct IdentifierMap<Value: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var shards: [IdentifierShard<Value>]
    @usableFromInline var valueOfZero: Value?

    /// - Parameter filler: stands in free places; any value will do.
    @inlinable
    package init(filler: Value) {
        shards = Array(repeating: IdentifierShard(filler: filler), count: IdentifierHash.shardCount)
    }

    @inlinable
    package var count: Int { shards.reduce(valueOfZero == nil ? 0 : 1) { $0 + $1.count } }

    @inlinable
    package subscript(_ identifier: UInt128) -> Value? {
        guard identifier != 0 else { return valueOfZero }
        let hash = IdentifierHash(identifier)
        return shards[hash.shard].value(of: identifier, hash)
    }

    /// Replaces what was there.
    @inlinable
    package mutating func set(_ value: Value, for identifier: UInt128) {
        guard identifier != 0 else {
            valueOfZero = value
            return
        }
        let hash = IdentifierHash(identifier)
        shards[hash.shard].set(value, for: identifier, hash)
    }

    /// - Returns: what was there.
    @inlinable @discardableResult
    package mutating func remove(_ identifier: UInt128) -> Value? {
        guard identifier != 0 else {
            defer { valueOfZero = nil }
            return valueOfZero
        }
        let hash = IdentifierHash(identifier)
        return shards[hash.shard].remove(identifier, hash)
    }

    /// Everything, in no order that means anything.
    @inlinable
    package func forEach(_ body: (UInt128, Value) -> Void) {
        if let valueOfZero { body(0, valueOfZero) }
        for shard in shards { shard.forEach(body) }
    }
}

/// Where an identifier belongs: the low bits are the random ones of a UUIDv7; the multiplications let all
/// of them count.
@usableFromInline
package struct IdentifierHash {
    @usableFromInline static let shardCount = 64

    @usableFromInline package let mixed: UInt64

    @inlinable
    package init(_ identifier: UInt128) {
        let low = UInt64(truncatingIfNeeded: identifier)
        let high = UInt64(truncatingIfNeeded: identifier >> 64)
        mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
    }

    @inlinable var shard: Int { Int(truncatingIfNeeded: mixed >> 58) }

    /// As a share of so many places.
    @inlinable
    func home(of placeCount: Int) -> Int {
        Int(truncatingIfNeeded: ((mixed >> 20 & 0xFFFF_FFFF) &* UInt64(placeCount)) >> 32)
    }
}

@usableFromInline
struct IdentifierShard<Value: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var keys: [UInt128]
    @usableFromInline var values: [Value]
    @usableFromInline let filler: Value
    @usableFromInline var count = 0

    @inlinable
    init(filler: Value) {
        self.filler = filler
        keys = [UInt128](repeating: 0, count: 8)
        values = [Value](repeating: filler, count: 8)
    }

    @inlinable
    func value(of identifier: UInt128, _ hash: IdentifierHash) -> Value? {
        let place = place(of: identifier, hash)
        return keys[place] == identifier ? values[place] : nil
    }

    @inlinable
    mutating func set(_ value: Value, for identifier: UInt128, _ hash: IdentifierHash) {
        let place = place(of: identifier, hash)
        if keys[place] == identifier {
            values[place] = value
        } else {
            insert(value, for: identifier, hash, at: place)
        }
    }

    @inlinable @inline(never)
    mutating func insert(
        _ value: Value, for identifier: UInt128, _ hash: IdentifierHash, at place: Int
    ) {
        var place = place
        if count >= limit {
            grow()
            place = self.place(of: identifier, hash)
        }
        keys[place] = identifier
        values[place] = value
        count += 1
    }

    @inlinable
    mutating func remove(_ identifier: UInt128, _ hash: IdentifierHash) -> Value? {
        var hole = place(of: identifier, hash)
        guard keys[hole] == identifier else { return nil }
        let removed = values[hole]
        // What was pushed behind the hole moves up, so no mark stays in the way of later searches.
        var next = hole
        while true {
            next = self.next(next)
            guard keys[next] != 0 else { break }
            let home = IdentifierHash(keys[next]).home(of: keys.count)
            guard distance(home, next) >= distance(hole, next) else { continue }
            keys[hole] = keys[next]
            values[hole] = values[next]
            hole = next
        }
        keys[hole] = 0
        values[hole] = filler
        count -= 1
        return removed
    }

    @inlinable
    func forEach(_ body: (UInt128, Value) -> Void) {
        for place in keys.indices where keys[place] != 0 { body(keys[place], values[place]) }
    }

    /// Where the identifier is, or where it would go.
    @inlinable
    func place(of identifier: UInt128, _ hash: IdentifierHash) -> Int {
        var place = hash.home(of: keys.count)
        while keys[place] != identifier, keys[place] != 0 { place = next(place) }
        return place
    }

    @inlinable
    func next(_ place: Int) -> Int { place + 1 == keys.count ? 0 : place + 1 }

    @inlinable
    func distance(_ from: Int, _ to: Int) -> Int {
        to >= from ? to - from : to - from + keys.count
    }

    /// A small table is quick, a large one has little room to spare.
    @inlinable var isLarge: Bool { keys.count >= 2_048 }

    /// So many entries at most.
    @inlinable var limit: Int { isLarge ? keys.count / 6 * 5 : keys.count / 3 * 2 }

    @inlinable
    mutating func grow() {
        move(to: isLarge ? keys.count + keys.count / 4 : keys.count * 2)
    }

    /// - Precondition: room for all, and one more.
    @inlinable
    mutating func move(to capacity: Int) {
        let (oldKeys, oldValues) = (keys, values)
        keys = [UInt128](repeating: 0, count: capacity)
        values = [Value](repeating: filler, count: capacity)
        for old in oldKeys.indices where oldKeys[old] != 0 {
            let place = place(of: oldKeys[old], IdentifierHash(oldKeys[old]))
            keys[place] = oldKeys[old]
            values[place] = oldValues[old]
        }
    }
}
