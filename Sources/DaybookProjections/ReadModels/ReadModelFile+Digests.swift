internal import DaybookCore
internal import GRDB

extension ReadModelFile {
    /// The digest of every table except the checkpoint's, in the order of the schema.
    ///
    /// Depends on the log's content only: equal for incremental and rebuilt files. Reads all rows.
    package func digests() throws -> [TableDigest] {
        try withDatabase { database in
            try name.schema.tables.map { try database.digest(of: $0) }
        }
    }

    /// Takes the digests and keeps their combination with the checkpoint, as the digest at its
    /// position.
    package func recordDigests() throws -> [TableDigest] {
        let digests = try digests()
        try withDatabase { database in
            let statement = try RowStatement(
                database,
                "UPDATE projection SET digest = ?, digest_position = position WHERE name = ?")
            statement.bind(bytes: digests.combined.bytes)
            statement.bind(name.rawValue)
            try statement.run()
        }
        return digests
    }
}

extension Database {
    /// Canonical encoding of a row: per column one byte of kind (0 null, 1 integer, 2 text, 3
    /// blob), then 8 little-endian bytes of value, or 8 of length and the bytes.
    func digest(of table: TableDefinition) throws -> TableDigest {
        let statement = try RowStatement(self, table.selection())
        let columns = Int32(table.storedColumns.count)
        var result = TableDigest(table: table.name, rowCount: 0, digest: .zero)
        var row: [UInt8] = []
        while try statement.step() {
            row.removeAll(keepingCapacity: true)
            for column in 0..<columns { row.append(column, of: statement) }
            result.rowCount += 1
            result.digest &+= RowHash(of: row)
        }
        return result
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ column: Int32, of statement: RowStatement) {
        switch statement.storedKind(column) {
        case .null:
            append(0)
        case .integer:
            append(1)
            append(word: UInt64(bitPattern: statement.integer(column)))
        case .text:
            append(2)
            append(counted: statement.textBytes(column))
        case .blob:
            append(3)
            append(counted: statement.blob(column))
        }
    }

    private mutating func append(word: UInt64) {
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }

    private mutating func append(counted bytes: UnsafeRawBufferPointer) {
        append(word: UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
