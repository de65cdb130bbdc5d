internal import DaybookCore

/// The rows that a run touches, in the order of first touch, so that writing them is deterministic.
///
/// An open-addressing table over dense rows: half the cost of a `Dictionary`, most of which is hashing.
struct RowCache<Key: RowKey, Row> {
    private(set) var rows: [Row] = []
    private var keys: [Key] = []
    /// One more than a row's place, 0 where there is none; a power of two, at least half of it empty.
    private var slots: [UInt32] = []

    /// The row's place, after loading it if it was not touched yet; `nil` when there is none.
    mutating func index(of key: Key, load: (Key) throws -> Row?) rethrows -> Int? {
        if let known = find(key) { return known }
        guard let row = try load(key) else { return nil }
        return append(row, at: key)
    }

    /// Adds or replaces a row.
    @discardableResult
    mutating func insert(_ row: Row, at key: Key) -> Int {
        if let known = find(key) {
            rows[known] = row
            return known
        }
        return append(row, at: key)
    }

    subscript(place: Int) -> Row {
        _read { yield rows[place] }
        _modify { yield &rows[place] }
    }

    func find(_ key: Key) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = RowCache.slot(of: key, mask)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if keys[place].isSame(as: key) { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func append(_ row: Row, at key: Key) -> Int {
        if (rows.count + 1) * 2 > slots.count { grow() }
        rows.append(row)
        keys.append(key)
        put(rows.count - 1, at: key)
        return rows.count - 1
    }

    private mutating func grow() {
        slots = [UInt32](
            repeating: 0, count: max(16, slots.count * (slots.count < 1 << 16 ? 4 : 2)))
        for place in keys.indices { put(place, at: keys[place]) }
    }

    private mutating func put(_ place: Int, at key: Key) {
        let mask = slots.count - 1
        var slot = RowCache.slot(of: key, mask)
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(place + 1)
    }

    private static func slot(of key: Key, _ mask: Int) -> Int {
        // The upper bits of a product depend on all bits of its factors, the lower ones do not.
        Int(truncatingIfNeeded: key.rowHash &* 0x9e37_79b9_7f4a_7c15 >> 20) & mask
    }
}

/// What names a row while a run is folded.
///
/// The names come from the log: generated identifiers and words that operators chose. Bad luck makes a run
/// slower, nothing else.
protocol RowKey: Hashable {
    var rowHash: UInt64 { get }

    /// Whether SQLite would call the keys equal: words by their bytes, where Swift's `==` also takes two
    /// spellings of the same letters for equal.
    func isSame(as other: Self) -> Bool
}

extension RowKey {
    func isSame(as other: Self) -> Bool { self == other }
}
