internal import DaybookCore
internal import DaybookDecisions

/// The tables of one read model, in the words from which both the SQL and the exports are made.
package struct ReadModelSchema: Sendable {
    package let name: ReadModelName
    package let tables: [TableDefinition]
    /// What unfolds packed columns to rows for whoever asks in SQL, and for exports.
    package let views: [TableDefinition]
    /// Written last by a rebuild.
    package let indexes: [String]
    /// Every statement that makes the file's content, in order: tables, views, then indexes.
    package let statements: [String]
    /// What the rows mean: the projector's version, and the events that it takes in their versions.
    package let meaning: String
    /// Names the shape of the file and what its rows mean: a file with another hash is rebuilt.
    package let hash: RowHash

    /// - Parameter projectorVersion: raised whenever the same events give other rows than before.
    init(
        name: ReadModelName, projectorVersion: Int, tables: [TableDefinition],
        views: [TableDefinition] = [], indexes: [String]
    ) {
        self.name = name
        self.tables = tables
        self.views = views
        self.indexes = indexes
        statements = [ReadModelSchema.projectionTable] + (tables + views).map(\.sql) + indexes
        let kinds = UpcasterChain.current.currentKinds(of: name.consumedTypes)
        meaning =
            "projector \(projectorVersion) of "
            + kinds.map { "\($0.type) \($0.schemaVersion)" }.joined(separator: ", ")
        hash = RowHash(of: Array((statements + [meaning]).joined(separator: ";\n").utf8))
    }

    /// The table that holds the checkpoint; the same in every file.
    package static let projectionTable = """
        CREATE TABLE projection (
            name TEXT NOT NULL PRIMARY KEY,
            log_id BLOB NOT NULL,
            position INTEGER NOT NULL,
            batch_number INTEGER NOT NULL,
            chain BLOB NOT NULL,
            schema_hash BLOB NOT NULL,
            digest BLOB,
            digest_position INTEGER,
            stopped_position INTEGER,
            stopped_reason TEXT
        ) STRICT, WITHOUT ROWID
        """

    /// The text of `Schemas/readmodels/<name>.sql`.
    package var dump: String {
        var text = "-- Read model `\(name)`, as DaybookProjections creates it.\n"
        text += "-- Held equal to the code by a test; the hash below is stored in every file.\n"
        text += "-- schema hash: \(hash.hexadecimal)\n"
        text += "-- \(meaning)\n"
        for statement in statements { text += "\n\(statement);\n" }
        return text
    }

    /// A table or a view.
    package func table(named name: String) -> TableDefinition? {
        (tables + views).first { $0.name == name }
    }

    /// What an export writes: SQL makes the tables as they are stored, other forms show rows unfolded.
    package func exported(as format: ExportFormat) -> [TableDefinition] {
        format == .sql ? tables : tables.filter { !$0.isPackedWhole } + views
    }
}

/// One table: columns in the order stored. Or a view: columns in the order of its statement.
package struct TableDefinition: Sendable {
    package var name: String
    package var columns: [ColumnDefinition]
    /// The names of the key's columns; the order of exports.
    package var key: [String]
    /// Whether the key is a `rowid`: one integer column.
    package var isClusteredByInteger = false
    /// Whether a view shows all that is in it, so that exports leave the table out.
    package var isPackedWhole = false
    /// The statement of a view; `nil` for a table.
    package var viewStatement: String?

    package var sql: String {
        if let viewStatement {
            return "CREATE VIEW \(name) AS\n\(viewStatement)"
        }
        var lines = columns.map { "    \($0.name) \($0.declaration)" }
        if isClusteredByInteger {
            lines[0] += " PRIMARY KEY"
        } else {
            lines.append("    PRIMARY KEY (\(key.joined(separator: ", ")))")
        }
        let options = isClusteredByInteger ? "STRICT" : "STRICT, WITHOUT ROWID"
        return "CREATE TABLE \(name) (\n\(lines.joined(separator: ",\n"))\n) \(options)"
    }

    /// What stands behind `FROM`. Of a view its statement, because our connections trust no schema: what a
    /// file says must not run functions (SECURITY.md section 4).
    package var source: String { viewStatement.map { "(\n\($0)\n)" } ?? name }

    /// The columns that are stored, without those that SQLite derives.
    package var storedColumns: [ColumnDefinition] { columns.filter { !$0.isDerived } }

    /// `INSERT OR REPLACE INTO name (…) VALUES (…)` over all stored columns in order.
    package func insertion(orReplace: Bool = false) -> String {
        let names = storedColumns.map(\.name).joined(separator: ", ")
        let marks = storedColumns.map { _ in "?" }.joined(separator: ", ")
        let verb = orReplace ? "INSERT OR REPLACE INTO" : "INSERT INTO"
        return "\(verb) \(name) (\(names)) VALUES (\(marks))"
    }

    /// `SELECT … FROM name` over the stored columns in order.
    package func selection(suffix: String = "") -> String {
        let names = storedColumns.map(\.name).joined(separator: ", ")
        return "SELECT \(names) FROM \(source)\(suffix.isEmpty ? "" : " " + suffix)"
    }
}

/// One column, with what its values mean to a reader.
package struct ColumnDefinition: Sendable {
    package enum Kind: Sendable {
        case integer
        /// 0 or 1.
        case flag
        /// Microseconds since 1970 UTC.
        case time
        case text
        /// The place of a word in a list; a view shows the word.
        case word([String])
        /// A ``RowList``, which a view unfolds: exports of rows leave it out.
        case packed
        /// 16 big-endian bytes; the text form has this prefix.
        case identifier(prefix: String)
        /// The same without the bytes that it has in common with another of its row: the other's first ones.
        case identifierEnd(prefix: String)
        /// A text, or the number of the attempt whose key it is, see ``GatewayKey``.
        case gatewayReference
        case bytes
    }

    package var name: String
    package var kind: Kind
    package var isOptional: Bool
    /// The expression of a derived column.
    package var expression: String?

    package init(
        _ name: String, _ kind: Kind, optional: Bool = false, derivedAs expression: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isOptional = optional
        self.expression = expression
    }

    package var isDerived: Bool { expression != nil }

    package var isPacked: Bool {
        if case .packed = kind { true } else { false }
    }

    package var declaration: String {
        let type =
            switch kind {
            case .integer, .flag, .time, .word: "INTEGER"
            case .text, .packed: "TEXT"
            case .identifier, .identifierEnd, .bytes: "BLOB"
            case .gatewayReference: "ANY"
            }
        if let expression { return "\(type) GENERATED ALWAYS AS (\(expression)) VIRTUAL" }
        return isOptional ? type : type + " NOT NULL"
    }
}
