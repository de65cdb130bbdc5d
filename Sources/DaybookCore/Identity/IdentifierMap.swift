/// Small values by 128-bit identifier: open addressing in two flat arrays, no reference inside.
///
/// For identifiers that nobody outside chooses: they are random or hashes already, so their own bits
/// spread them and no keyed hash is computed. The identifier 0 is never given out and marks a free
/// place; a forged log may name it all the same, so it has a place of its own.
///
/// - Complexity: O(1) a question; 16 bytes and a value for each place, of which at least a quarter and
///   at most three quarters are taken.
@usableFromInline
package struct IdentifierMap<Value: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var keys: [UInt128]
    @usableFromInline var values: [Value]
    @usableFromInline let filler: Value
    @usableFromInline var valueOfZero: Value?
    private var taken = 0

    /// - Parameter filler: stands in free places; any value will do.
    package init(filler: Value) {
        self.filler = filler
        keys = [UInt128](repeating: 0, count: 16)
        values = [Value](repeating: filler, count: 16)
    }

    package var count: Int { taken + (valueOfZero == nil ? 0 : 1) }

    @inlinable
    package subscript(_ identifier: UInt128) -> Value? {
        guard identifier != 0 else { return valueOfZero }
        let place = place(of: identifier)
        return keys[place] == identifier ? values[place] : nil
    }

    /// Replaces what was there.
    @inlinable
    package mutating func set(_ value: Value, for identifier: UInt128) {
        guard identifier != 0 else {
            valueOfZero = value
            return
        }
        var place = place(of: identifier)
        if keys[place] == 0 {
            if isFull {
                grow()
                place = self.place(of: identifier)
            }
            take(place, for: identifier)
        }
        values[place] = value
    }

    /// - Returns: what was there.
    @discardableResult
    package mutating func remove(_ identifier: UInt128) -> Value? {
        guard identifier != 0 else {
            defer { valueOfZero = nil }
            return valueOfZero
        }
        var hole = place(of: identifier)
        guard keys[hole] == identifier else { return nil }
        let removed = values[hole]
        // What was pushed behind the hole moves up, so no mark stays in the way of later searches.
        var next = hole
        while true {
            next = (next + 1) & (keys.count - 1)
            guard keys[next] != 0 else { break }
            let home = home(of: keys[next])
            let distance = (next &- home) & (keys.count - 1)
            guard distance >= (next &- hole) & (keys.count - 1) else { continue }
            keys[hole] = keys[next]
            values[hole] = values[next]
            hole = next
        }
        keys[hole] = 0
        values[hole] = filler
        taken -= 1
        return removed
    }

    /// Everything, in no order that means anything.
    package func forEach(_ body: (UInt128, Value) -> Void) {
        if let valueOfZero { body(0, valueOfZero) }
        for place in keys.indices where keys[place] != 0 { body(keys[place], values[place]) }
    }

    /// Where the identifier is, or where it would go.
    @inlinable
    func place(of identifier: UInt128) -> Int {
        var place = home(of: identifier)
        while keys[place] != identifier, keys[place] != 0 { place = (place + 1) & (keys.count - 1) }
        return place
    }

    /// The low bits are the random ones of a UUIDv7; the multiplication lets all of them count.
    @inlinable
    func home(of identifier: UInt128) -> Int {
        let low = UInt64(truncatingIfNeeded: identifier)
        let high = UInt64(truncatingIfNeeded: identifier >> 64)
        let mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed >> 20) & (keys.count - 1)
    }

    @usableFromInline var isFull: Bool { (taken + 1) * 4 > keys.count * 3 }

    @usableFromInline
    mutating func take(_ place: Int, for identifier: UInt128) {
        keys[place] = identifier
        taken += 1
    }

    @usableFromInline
    mutating func grow() {
        var larger = IdentifierMap(filler: filler)
        larger.keys = [UInt128](repeating: 0, count: keys.count * 2)
        larger.values = [Value](repeating: filler, count: keys.count * 2)
        for place in keys.indices where keys[place] != 0 {
            let target = larger.place(of: keys[place])
            larger.keys[target] = keys[place]
            larger.values[target] = values[place]
        }
        larger.taken = taken
        larger.valueOfZero = valueOfZero
        self = larger
    }
}
