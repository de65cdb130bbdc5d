internal import DaybookCore
internal import GRDB

/// How rows are written out.
package enum ExportFormat: Sendable {
    /// One JSON object per line, keys in the order of the columns.
    case ndjson
    /// A line of names, then one line per row, values apart by ` | `, nothing for NULL.
    case table
    /// One `INSERT` per row.
    case sql
}

extension ReadModelFile {
    /// Writes all rows of a table in the order of its key, one line each.
    ///
    /// Identifiers are in text form, times in ISO 8601, bytes in hexadecimal. What is written
    /// depends on the log's content only, never on how or when it was projected.
    ///
    /// - Parameter columns: which columns; all of them when `nil`.
    package func exportRows(
        of table: TableDefinition, columns: [String]? = nil, as format: ExportFormat = .ndjson,
        to write: (String) throws -> Void
    ) throws {
        try withDatabase {
            try $0.exportRows(of: table, columns: columns, as: format, to: write)
        }
    }

    /// All rows of the file, one table after another, in the order of the schema, views last.
    package func exportAll(as format: ExportFormat = .ndjson, to write: (String) throws -> Void)
        throws
    {
        for table in name.schema.exported(as: format) {
            try exportRows(of: table, as: format, to: write)
        }
    }
}

extension Database {
    func exportRows(
        of table: TableDefinition, columns: [String]? = nil, as format: ExportFormat,
        to write: (String) throws -> Void
    ) throws {
        let chosen = table.columns.filter {
            columns?.contains($0.name) ?? (!$0.isDerived && (format == .sql || !$0.isPacked))
        }
        let names = chosen.map(\.name)
        let order = table.key.joined(separator: ", ")
        if format == .table { try write(names.joined(separator: " | ")) }
        add(function: StoredOrderSQL.chargeKeyFunction)
        let source = table.source.replacing(
            StoredOrderSQL.chargeKey, with: StoredOrderSQL.chargeKeyCall)
        let statement = try RowStatement(
            self, "SELECT \(names.joined(separator: ", ")) FROM \(source) ORDER BY \(order)")
        while try statement.step() {
            try write(format.line(statement, chosen, of: table))
        }
    }
}

extension ExportFormat {
    fileprivate func line(
        _ statement: RowStatement, _ columns: [ColumnDefinition], of table: TableDefinition
    ) -> String {
        switch self {
        case .ndjson:
            let fields = columns.enumerated().map { index, column in
                "\"\(column.name)\":" + column.json(statement, Int32(index))
            }
            return "{" + fields.joined(separator: ",") + "}"
        case .table:
            return columns.enumerated().map { index, column in
                column.plain(statement, Int32(index)) ?? ""
            }.joined(separator: " | ")
        case .sql:
            let names = columns.map(\.name).joined(separator: ", ")
            let values = columns.indices.map { literal(statement, Int32($0)) }
            return
                "INSERT INTO \(table.name) (\(names)) VALUES (\(values.joined(separator: ", ")));"
        }
    }

    private func literal(_ statement: RowStatement, _ column: Int32) -> String {
        switch statement.storedKind(column) {
        case .null: "NULL"
        case .integer: String(statement.integer(column))
        case .text:
            "'"
                + statement.text(column).split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''") + "'"
        case .blob: "x'" + Hexadecimal.text(of: statement.blob(column)) + "'"
        }
    }
}

extension ColumnDefinition {
    /// The value for people; `nil` for NULL.
    fileprivate func plain(_ statement: RowStatement, _ column: Int32) -> String? {
        guard !statement.isNull(column) else { return nil }
        switch kind {
        case .integer, .flag: return String(statement.integer(column))
        case .time: return statement.instant(column).description
        case .text, .packed, .gatewayReference: return statement.text(column)
        case .word(let names): return names.word(statement.integer(column))
        case .identifier(let prefix):
            return prefix + "_" + Base32.text(of: statement.identifier(column))
        case .bytes, .identifierEnd: return Hexadecimal.text(of: statement.blob(column))
        }
    }

    fileprivate func json(_ statement: RowStatement, _ column: Int32) -> String {
        guard let plain = plain(statement, column) else { return "null" }
        switch kind {
        case .integer: return plain
        case .flag: return plain == "0" ? "false" : "true"
        case .packed: return plain
        case .time, .text, .word, .identifier, .identifierEnd, .gatewayReference, .bytes:
            return JSONText.quoted(plain)
        }
    }
}
