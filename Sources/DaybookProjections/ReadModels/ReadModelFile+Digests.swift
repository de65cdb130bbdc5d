internal import DaybookCore
internal import GRDB

extension ReadModelFile {
    /// The digest of every table except the checkpoint's, in the order of the schema.
    ///
    /// Depends on the log's content only: equal for incremental and rebuilt files. Reads all rows.
    package func digests() throws -> [TableDigest] {
        // Nobody else has this file, and what was committed is in it: there is no journal.
        if mode == .rebuild, let digests = try withDatabase({ try $0.digestsFromPages(path, name) })
        {
            return digests
        }
        return try withDatabase { try $0.digests(of: name) }
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

extension ReadModelSnapshot {
    /// Reads all rows.
    package func digests() throws -> [TableDigest] {
        try read { try $0.digests(of: name) }
    }

    /// The same, for large files: from the pages of a copy of this moment, which costs a quarter of asking
    /// SQLite for each value.
    ///
    /// - Parameter scratch: where the copy lies meanwhile; there must be no such file.
    package func digests(copyingTo scratch: String) throws -> [TableDigest] {
        do {
            if let digests = try digestsFromPages(copyingTo: scratch) { return digests }
        } catch let error as ReadModelError where error.code == .full || error.code == .io {
            // Without room for a copy it takes longer, and comes to the same.
        }
        return try digests()
    }

    /// - Returns: `nil` when the rows are stored in a way that only SQLite should read.
    package func digestsFromPages(copyingTo scratch: String) throws -> [TableDigest]? {
        defer { try? FileSystem.remove(scratch) }
        try copy(to: scratch)
        return try read { try $0.digestsFromPages(scratch, name) }
    }
}

extension Database {
    func digests(of name: ReadModelName) throws -> [TableDigest] {
        try name.schema.tables.map { try digest(of: $0) }
    }

    /// Canonical encoding of a row: per column one byte of kind (0 null, 1 integer, 2 text, 3
    /// blob), then 8 little-endian bytes of value, or 8 of length and the bytes.
    func digest(of table: TableDefinition) throws -> TableDigest {
        let statement = try RowStatement(self, table.selection())
        let columns = Int32(table.storedColumns.count)
        var result = TableDigest(table: table.name, rowCount: 0, digest: .zero)
        let row = RowBuffer()
        while try statement.step() {
            row.removeAll()
            for column in 0..<columns { row.append(column, of: statement) }
            result.rowCount += 1
            result.digest &+= RowHash(of: row.bytes)
        }
        return result
    }

    /// The same digests, from the pages of a file with the tables of this one, which nobody writes to.
    ///
    /// - Returns: `nil` when the rows are stored in a way that only SQLite should read.
    func digestsFromPages(_ path: String, _ name: ReadModelName) throws -> [TableDigest]? {
        let tables = name.schema.tables
        guard tables.allSatisfy(\.storesColumnsInOrder) else { return nil }
        let pages = try TablePages(path)
        var digests: [TableDigest] = []
        for table in tables {
            let root = try UInt32.fetchOne(
                self, sql: "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?",
                arguments: [table.name])
            guard let root, let digest = try pages.digest(of: table, root: root) else { return nil }
            digests.append(digest)
        }
        return digests
    }
}

extension TableDefinition {
    /// Whether a row's record holds the columns in their order: SQLite puts a key of several columns
    /// first.
    fileprivate var storesColumnsInOrder: Bool {
        isClusteredByInteger ? key == [columns[0].name] : keyIndexes == Array(0..<key.count)
    }
}

extension TablePages {
    /// - Returns: `nil` when a value has a kind that our tables do not have.
    fileprivate func digest(of table: TableDefinition, root: UInt32) throws -> TableDigest? {
        let columnCount = table.storedColumns.count
        var result = TableDigest(table: table.name, rowCount: 0, digest: .zero)
        let row = RowBuffer()
        var isUnderstood = true
        try forEachRecord(root: root) { number, record in
            row.removeAll()
            isUnderstood =
                isUnderstood && row.append(record, columnCount: columnCount, number: number)
            result.rowCount += 1
            result.digest &+= RowHash(of: row.bytes)
        }
        return isUnderstood ? result : nil
    }
}

extension RowBuffer {
    fileprivate func append(_ column: Int32, of statement: RowStatement) {
        switch statement.storedKind(column) {
        case .null: append(0)
        case .integer: append(integer: statement.integer(column))
        case .text: append(kind: 2, statement.textBytes(column))
        case .blob: append(kind: 3, statement.blob(column))
        }
    }

    @inline(__always)
    private func append(integer: Int64) {
        append(1)
        append(word: UInt64(bitPattern: integer))
    }

    @inline(__always)
    private func append(kind: UInt8, _ bytes: UnsafeRawBufferPointer) {
        append(kind)
        append(word: UInt64(bytes.count))
        append(bytes)
    }

    /// Encodes a record of SQLite's (database file format, section 2.1).
    ///
    /// - Parameter number: the row's, which stands for its first column.
    /// - Returns: whether the record was understood.
    fileprivate func append(
        _ record: UnsafeRawBufferPointer, columnCount: Int, number: Int64?
    ) -> Bool {
        var at = 0
        guard let headerByteCount = record.varint(at: &at), headerByteCount <= record.count,
            headerByteCount >= 0
        else { return false }
        var value = Int(headerByteCount)
        var columns = 0
        while at < Int(headerByteCount) {
            guard let kind = record.varint(at: &at) else { return false }
            columns += 1
            if columns == 1, let number {
                guard kind == 0 else { return false }
                append(integer: number)
                continue
            }
            switch kind {
            case 0: append(0)
            case 1...6:
                let count = kind == 6 ? 8 : kind == 5 ? 6 : Int(kind)
                guard value + count <= record.count else { return false }
                append(integer: record.signed(at: value, count))
                value += count
            case 8, 9: append(integer: kind - 8)
            case 12...Int64(Int32.max):
                let count = Int(kind - 12) / 2
                guard value + count <= record.count else { return false }
                append(
                    kind: kind % 2 == 0 ? 3 : 2,
                    UnsafeRawBufferPointer(rebasing: record[value..<value + count]))
                value += count
            default: return false
            }
        }
        return columns == columnCount && value == record.count
    }
}

extension UnsafeRawBufferPointer {
    /// A big-endian number in two's complement of 1, 2, 3, 4, 6 or 8 bytes.
    @inline(__always)
    fileprivate func signed(at offset: Int, _ byteCount: Int) -> Int64 {
        var value = Int64(Int8(bitPattern: self[offset]))
        for index in 1..<byteCount { value = value << 8 | Int64(self[offset + index]) }
        return value
    }
}
