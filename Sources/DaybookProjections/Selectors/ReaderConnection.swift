internal import GRDB

/// A connection that only reads, with the statements that it has prepared; see ``ReaderPool``.
///
/// `begin` and `end` are prepared, too: what GRDB does around a reading (a savepoint whose text is
/// parsed each time, the version of the schema, its own pool's queues) took longer than most
/// questions. A statement notices by itself when the schema has changed.
final class ReaderConnection {
    private let queue: DatabaseQueue
    private let statements: PreparedStatements
    private let begin: RowStatement
    private let end: RowStatement

    init(_ queue: DatabaseQueue) throws {
        self.queue = queue
        (statements, begin, end) = try queue.unsafeRead { database in
            (
                PreparedStatements(database), try RowStatement(database, "BEGIN DEFERRED"),
                try RowStatement(database, "COMMIT")
            )
        }
    }

    /// Runs `body` in one snapshot, which begins with the first row that it reads.
    func read<Value>(_ body: (Database, PreparedStatements) throws -> Value) throws -> Value {
        try queue.unsafeRead { database in
            try begin.run()
            let result: Value
            do {
                result = try body(database, statements)
            } catch {
                try? finish(database)
                throw error
            }
            try finish(database)
            return result
        }
    }

    /// Ends the snapshot; some failures of a reading have ended it already.
    private func finish(_ database: Database) throws {
        statements.reset()
        guard database.isInsideTransaction else { return }
        do {
            try end.run()
        } catch {
            try database.rollback()
        }
    }
}

// A pool gives a connection to one reader at a time, and its queue orders what is done with it.
extension ReaderConnection: @unchecked Sendable {}
