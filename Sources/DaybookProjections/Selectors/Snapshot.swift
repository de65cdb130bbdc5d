internal import DaybookCore
internal import GRDB

/// One snapshot of one read model, while a question is answered from it.
final class Snapshot {
    let database: Database
    private let count: () -> Void
    let model: ReadModelName

    init(_ database: Database, _ model: ReadModelName, count: @escaping () -> Void) {
        self.database = database
        self.model = model
        self.count = count
    }

    /// A statement that is prepared once per connection, ready for its arguments.
    func statement(_ sql: String) throws -> RowStatement {
        count()
        let statement = RowStatement(try database.cachedStatement(sql: sql))
        // An earlier question may have ended in the middle of its rows, with an error.
        statement.reset()
        return statement
    }

    /// The position that the snapshot is true at: one statement.
    func position() throws -> LogPosition {
        let row = try statement("SELECT position FROM projection WHERE name = ?")
        row.bind(model.rawValue)
        guard try row.step() else {
            throw ReadModelError(
                code: .damaged, message: "there is no checkpoint of '\(model)'",
                path: model.fileName)
        }
        defer { row.reset() }
        return row.position(0)
    }
}
