import DaybookProjections
import GRDB
import Testing

import struct DaybookProjections.TableDefinition

/// SQLite writes the rows here and sums them in one way; the pages of a copy are summed in the other.
@Suite struct `Digests from pages` {
    @Test(arguments: ReadModelName.allCases)
    func `given rows of all sizes, when read from pages, then they sum to what SQLite reads`(
        name: ReadModelName
    ) throws {
        let folder = TestFolder()
        let path = folder.file(name.fileName)
        let file = try ReadModelFile.create(name, at: path, logID: History.logID)
        var generator = SplitMix64(seed: TestSeed.value)
        try file.withDatabase { database in
            try database.inTransaction {
                for table in name.schema.tables {
                    for row in 0..<700 { try insert(row, into: table, in: database, &generator) }
                }
                return .commit
            }
            // Pages with holes, and free ones.
            for table in name.schema.tables {
                let key = table.key[0]
                try database.execute(
                    sql: """
                        DELETE FROM \(table.name) WHERE CASE typeof(\(key))
                        WHEN 'integer' THEN \(key) ELSE unicode(substr(hex(\(key)), 16)) END % 3 = 0
                        """)
            }
        }
        let snapshot = try ReadModelSnapshot(of: name, at: path)
        let expected = try snapshot.digests()
        let found = try snapshot.digestsFromPages(copyingTo: folder.file("copy"))
        #expect(found == expected, "\(TestSeed.note)")
        #expect(expected.allSatisfy { $0.rowCount >= 400 })
        #expect(!folder.fileNames.contains("copy"))
        try file.close()
    }

    /// Integers of every width and sign, NULL, and texts and blobs from nothing to several pages.
    private func insert(
        _ row: Int, into table: DaybookProjections.TableDefinition, in database: Database,
        _ generator: inout SplitMix64
    ) throws {
        let statement = try RowStatement(database, table.insertion())
        for column in table.storedColumns {
            // The numbers of products have an index that takes each once.
            let isKey = table.key.contains(column.name) || column.name == "product_number"
            if column.isOptional, Bool.random(using: &generator) {
                statement.bindNull()
                continue
            }
            let count = [0, 1, 30, 900, 5_000, 13_000][
                Int.random(in: 0..<(row % 7 == 0 ? 6 : 3), using: &generator)]
            switch column.kind {
            case .integer, .flag, .time, .word:
                let shift = Int64.random(in: 0...63, using: &generator)
                let value = Int64(bitPattern: generator.next()) >> shift
                statement.bind(isKey ? Int64(row) : value)
            case .text, .packed, .gatewayReference:
                let text = String(repeating: "é", count: count / 2)
                statement.bind(isKey ? "\(row) \(text)" : text)
            case .identifier: statement.bind(identifier: UInt128(row) << 64 | 7)
            case .bytes, .identifierEnd:
                let bytes = [UInt8](repeating: UInt8(row % 251), count: count)
                statement.bind(bytes: isKey ? Array("\(row)".utf8) + bytes : bytes)
            }
        }
        try statement.run()
    }

    @Test func `given a page that is cut off, when read, then it is an error and no digest`() throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: History.logID)
        let whole = RawFile.bytes(of: rebuild.path)
        #expect(try rebuild.digests().count == ReadModelName.orders.schema.tables.count)
        RawFile.write(Array(whole.prefix(whole.count / 2 / 4_096 * 4_096)), to: rebuild.path)
        #expect(throws: ReadModelError.self) { try rebuild.digests() }
        try? rebuild.cancel()
    }
}
