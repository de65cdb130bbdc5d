/// The rows that a run touches, in the order of first touch, so that writing them is deterministic.
struct RowCache<Key: Hashable, Row> {
    private(set) var rows: [Row] = []
    private var index: [Key: Int] = [:]

    /// The row's place, after loading it if it was not touched yet; `nil` when there is none.
    mutating func index(of key: Key, load: (Key) throws -> Row?) rethrows -> Int? {
        if let known = index[key] { return known }
        guard let row = try load(key) else { return nil }
        return insert(row, at: key)
    }

    /// Adds or replaces a row.
    @discardableResult
    mutating func insert(_ row: Row, at key: Key) -> Int {
        if let known = index[key] {
            rows[known] = row
            return known
        }
        index[key] = rows.count
        rows.append(row)
        return rows.count - 1
    }

    subscript(place: Int) -> Row {
        _read { yield rows[place] }
        _modify { yield &rows[place] }
    }
}
