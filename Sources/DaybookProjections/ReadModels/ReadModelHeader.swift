internal import DaybookCore
internal import GRDB

/// The one row of the table `projection`.
struct ReadModelHeader {
    var checkpoint: Checkpoint
    var stop: ProjectionStop?

    func insert(into database: Database, _ schema: ReadModelSchema) throws {
        let statement = try RowStatement(
            database,
            """
            INSERT INTO projection (name, log_id, position, batch_number, chain, schema_hash)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        statement.bind(schema.name.rawValue)
        statement.bind(identifier: checkpoint.logID.rawValue)
        statement.bind(Int64(bitPattern: checkpoint.position.rawValue))
        statement.bind(Int64(bitPattern: checkpoint.batchNumber))
        statement.bind(bytes: checkpoint.chain.bytes)
        statement.bind(bytes: schema.hash.bytes)
        try statement.run()
    }

    /// - Throws: ``ReadModelError`` `.outpaced` unless the file stands where the caller thinks it does.
    static func check(
        _ known: Checkpoint, in database: Database, _ name: ReadModelName, path: String
    ) throws {
        let statement = RowStatement(
            try database.cachedStatement(sql: "SELECT batch_number FROM projection WHERE name = ?"))
        statement.bind(name.rawValue)
        let found = try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
        statement.reset()
        guard found == known.batchNumber else {
            throw ReadModelError(
                code: .outpaced,
                message: "another process has projected beyond batch \(known.batchNumber)",
                path: path)
        }
    }

    func update(in database: Database, _ name: ReadModelName) throws {
        let statement = RowStatement(
            try database.cachedStatement(
                sql: """
                    UPDATE projection SET log_id = ?, position = ?, batch_number = ?, chain = ?,
                    stopped_position = ?, stopped_reason = ? WHERE name = ?
                    """))
        statement.bind(identifier: checkpoint.logID.rawValue)
        statement.bind(Int64(bitPattern: checkpoint.position.rawValue))
        statement.bind(Int64(bitPattern: checkpoint.batchNumber))
        statement.bind(bytes: checkpoint.chain.bytes)
        statement.bind(stop.map { Int64(bitPattern: $0.position.rawValue) })
        statement.bind(stop?.reason)
        statement.bind(name.rawValue)
        try statement.run()
    }

    /// The words that made what the file holds.
    static func statements(in database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    }

    /// Reads the row and holds the file's shape against the program's.
    ///
    /// - Parameter mayLackIndexes: for files that a rebuild has not finished.
    /// - Throws: ``ReadModelError`` `.damaged` or `.otherSchema`, or SQLite's error.
    static func read(
        from database: Database, _ name: ReadModelName, path: String, mayLackIndexes: Bool = false
    ) throws -> ReadModelHeader {
        guard try database.tableExists("projection") else {
            throw ReadModelError(
                code: .damaged, message: "the table 'projection' is missing", path: path)
        }
        let schema = name.schema
        let wanted = Set(schema.statements)
        let found = try statements(in: database)
        let missing = wanted.subtracting(found)
            .subtracting(mayLackIndexes ? schema.indexes : [])
        guard missing.isEmpty, wanted.isSuperset(of: found) else {
            throw ReadModelError(
                code: .otherSchema,
                message: "\(missing.count) of \(wanted.count) tables and indexes are missing or"
                    + " have another shape", path: path)
        }
        let statement = try RowStatement(
            database,
            """
            SELECT log_id, position, batch_number, chain, stopped_position, stopped_reason,
            schema_hash FROM projection WHERE name = ?
            """)
        statement.bind(name.rawValue)
        guard try statement.step(), let chain = Digest(statement.bytes(3)) else {
            throw ReadModelError(
                code: .damaged, message: "there is no checkpoint of '\(name)'", path: path)
        }
        defer { statement.reset() }
        guard statement.bytes(6) == schema.hash.bytes else {
            throw ReadModelError(
                code: .otherSchema,
                message: "schema hash \(Hexadecimal.text(of: statement.bytes(6))), wanted"
                    + " \(schema.hash)", path: path)
        }
        let checkpoint = Checkpoint(
            logID: LogID(rawValue: statement.identifier(0)),
            position: LogPosition(rawValue: UInt64(bitPattern: statement.integer(1))),
            batchNumber: UInt64(bitPattern: statement.integer(2)), chain: chain)
        let stop = statement.optionalInteger(4).map {
            ProjectionStop(
                position: LogPosition(rawValue: UInt64(bitPattern: $0)),
                reason: statement.optionalText(5) ?? "")
        }
        return ReadModelHeader(checkpoint: checkpoint, stop: stop)
    }
}
