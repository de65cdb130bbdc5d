import DaybookCore
import GRDB
import Testing

@testable import DaybookProjections

/// What SQLite does for our statements.
@Suite struct `Query plans` {
    private func explain(
        _ sql: String, in name: ReadModelName, _ column: String, plan: Bool = false
    ) throws -> [String] {
        let folder = TestFolder()
        let file = try ReadModelFile.create(
            name, at: folder.file(name.fileName), logID: History.logID)
        let steps = try file.withDatabase { database in
            let statement = try database.makeStatement(
                sql: "EXPLAIN \(plan ? "QUERY PLAN " : "")\(sql)")
            let count = statement.sql.count { $0 == "?" }
            return try Row.fetchAll(
                statement, arguments: StatementArguments([Int?](repeating: nil, count: count))
            ).map { row in row[column] as String }
        }
        try file.close()
        return steps
    }

    @Test(arguments: [
        (Snapshot.activeOrdersOfUser.sql, "orders_active (user_id=?)"),
        (Snapshot.ordersOfUser.sql, "user_orders USING PRIMARY KEY (user_id=?)"),
        (Snapshot.ordersOfUserByStatus.sql, "user_orders USING PRIMARY KEY (user_id=?)"),
    ])
    func `given a person, when asked for orders, then only the person's are read`(
        sql: String, search: String
    ) throws {
        let steps = try explain(sql, in: .orders, "detail", plan: true)
        #expect(steps.contains { $0.contains(search) }, "\(steps)")
    }

    @Test func `given a person, when asked for active orders, then SQLite makes no table for it`()
        throws
    {
        let steps = try explain(Snapshot.activeOrdersOfUser.sql, in: .orders, "opcode")
        #expect(steps.contains("SeekLE") || steps.contains("SeekLT"), "\(steps)")
        #expect(!steps.contains("OpenEphemeral") && !steps.contains("SorterOpen"), "\(steps)")
    }

    @Test func `given an order's id, when asked for, then only what begins like it is read`() throws
    {
        let steps = try explain(Snapshot.orderByID.sql, in: .orders, "detail", plan: true)
        #expect(steps.contains { $0.contains("USING INDEX orders_by_id") }, "\(steps)")
    }

    @Test func `given a moment, when asked for what is due, then they are read by deadline`() throws
    {
        let steps = try explain(Snapshot.dueToExpire.sql, in: .orders, "detail", plan: true)
        #expect(steps.contains { $0.contains("USING INDEX orders_by_expiry") }, "\(steps)")
    }

    @Test func `given a person, when asked for mails, then only the person's are read`() throws {
        let steps = try explain(Snapshot.mailsOfUser.sql, in: .users, "detail", plan: true)
        #expect(steps.contains { $0.contains("USING INDEX mails_by_user") }, "\(steps)")
    }

    @Test func `given an order to write, then SQLite makes no table for it`() throws {
        let table = TableDefinition.storedOrders
        for sql in [
            table.insertion(), "UPDATE \(table.name) SET status = ? WHERE order_number = ?",
        ] {
            let steps = try explain(sql, in: .orders, "opcode")
            #expect(steps.contains("Insert"))
            #expect(!steps.contains("OpenEphemeral"))
        }
    }
}
