internal import DaybookCore
internal import GRDB

/// One snapshot of one read model, while a question is answered from it.
final class Snapshot {
    let database: Database
    let model: ReadModelName
    private let statements: PreparedStatements
    /// How many statements were asked for.
    private(set) var statementCount = 0

    init(_ database: Database, _ statements: PreparedStatements, _ model: ReadModelName) {
        self.database = database
        self.statements = statements
        self.model = model
    }

    /// A statement that is prepared once per connection, ready for its arguments.
    func statement(_ text: StatementText) throws -> RowStatement {
        statementCount += 1
        return try statements.statement(text)
    }

    /// The same where the text depends on the question.
    func statement(_ sql: String) throws -> RowStatement {
        statementCount += 1
        return try statements.statement(sql)
    }

    /// What the numbers in the lines of orders mean.
    func soldProducts() throws -> SoldProducts { try statements.soldProducts() }

    /// The position that the snapshot is true at: one statement.
    func position() throws -> LogPosition {
        let row = try statement(Snapshot.positionOfModel)
        row.bind(model.rawValue)
        guard try row.step() else {
            throw ReadModelError(
                code: .damaged, message: "there is no checkpoint of '\(model)'",
                path: model.fileName)
        }
        defer { row.reset() }
        return row.position(0)
    }

    private static let positionOfModel = StatementText(
        "SELECT position FROM projection WHERE name = ?")
}
