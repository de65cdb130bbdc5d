internal import GRDB

/// One row in which two files of a read model part.
package struct RowDifference: Hashable, Sendable {
    package var table: String
    package var key: [StoredValue]
    /// The rows under the key; `nil` where there is none.
    package var left: StoredRow?
    package var right: StoredRow?
}

extension ReadModelSnapshot {
    /// The rows that differ, in the order of their keys, table by table.
    ///
    /// - Parameters:
    ///   - limit: at most so many of each table.
    /// - Complexity: O(rows) of the tables that differ.
    package func differences(
        from other: ReadModelSnapshot, in tables: [TableDefinition], limit: Int
    ) throws -> [RowDifference] {
        try tables.flatMap { table in
            try read { left in
                try other.read { right in
                    try RowDifference.find(in: table, left, right, limit: limit)
                }
            }
        }
    }
}

extension ReadModelFile {
    /// The row under a key; `nil` when there is none.
    package func row(_ key: [StoredValue], of table: TableDefinition) throws -> StoredRow? {
        try withDatabase { database in
            let condition = table.key.map { "\($0) IS ?" }.joined(separator: " AND ")
            let statement = RowStatement(
                try database.cachedStatement(
                    sql: table.selection(suffix: "WHERE \(condition)")))
            statement.reset()
            for value in key { statement.bind(value) }
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            return statement.storedRow(columnCount: table.storedColumns.count)
        }
    }
}

extension RowDifference {
    /// One walk over both tables in the order of their keys.
    fileprivate static func find(
        in table: TableDefinition, _ left: Database, _ right: Database, limit: Int
    ) throws -> [RowDifference] {
        let leftRows = try OrderedRows(of: table, in: left)
        let rightRows = try OrderedRows(of: table, in: right)
        var found: [RowDifference] = []
        while found.count < limit {
            switch (leftRows.current, rightRows.current) {
            case (nil, nil): return found
            case (let left?, let right?) where left.key == right.key:
                if left.row != right.row {
                    found.append(
                        RowDifference(
                            table: table.name, key: left.key, left: left.row, right: right.row))
                }
                try leftRows.advance()
                try rightRows.advance()
            case (let left?, let right) where right == nil || precedes(left.key, right?.key):
                found.append(
                    RowDifference(table: table.name, key: left.key, left: left.row, right: nil))
                try leftRows.advance()
            case (_, let right):
                guard let right else { return found }
                found.append(
                    RowDifference(table: table.name, key: right.key, left: nil, right: right.row))
                try rightRows.advance()
            }
        }
        return found
    }

    private static func precedes(_ left: [StoredValue], _ right: [StoredValue]?) -> Bool {
        right.map { left.lexicographicallyPrecedes($0) } ?? true
    }
}

/// The rows of a table in the order of its key.
private final class OrderedRows {
    private(set) var current: (key: [StoredValue], row: StoredRow)?
    private let table: TableDefinition
    private let statement: RowStatement

    init(of table: TableDefinition, in database: Database) throws {
        self.table = table
        statement = try RowStatement(
            database,
            table.selection(suffix: "ORDER BY \(table.key.joined(separator: ", "))"))
        try advance()
    }

    func advance() throws {
        guard try statement.step() else {
            current = nil
            return
        }
        let row = statement.storedRow(columnCount: table.storedColumns.count)
        current = (table.key(of: row), row)
    }
}
