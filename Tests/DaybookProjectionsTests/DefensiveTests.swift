import DaybookCore
import DaybookDecisions
import GRDB
import Testing

@testable import DaybookProjections

/// What SQL could do to a read model's file, if ever any came from outside (SECURITY.md section 4).
@Suite(.timeLimit(.minutes(1))) struct `Defensive connections` {
    private static let rewriting = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE broken (nothing)' WHERE name = 'stored_orders'
        """

    @Test func `given a live read model, when its schema is written to, then SQLite refuses`()
        throws
    {
        let folder = TestFolder()
        let path = folder.path + "/orders.sqlite"
        let file = try ReadModelFile.create(
            .orders, in: ReadModelPlace(path), logID: LogID(rawValue: 1))
        let error = #expect(throws: (any Error).self) {
            try file.withDatabase { try $0.execute(sql: Self.rewriting) }
        }
        #expect("\(error as Any)".contains("may not be modified"))
        let journal = try file.withDatabase {
            try String.fetchOne($0, sql: "PRAGMA journal_mode = OFF")
        }
        #expect(journal == "wal", "a live file keeps its log")
        try file.close()
    }

    @Test func `given connections that answer questions, when made, then they are defensive, too`()
        throws
    {
        for configuration in [Configuration.readModel, .readModelReader] {
            var writable = configuration
            writable.readonly = false
            let queue = try DatabaseQueue(configuration: writable)
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "CREATE TABLE stored_orders (number INTEGER)")
                #expect(throws: DatabaseError.self) { try database.execute(sql: Self.rewriting) }
            }
        }
    }
}
