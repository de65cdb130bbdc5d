internal import GRDB

/// The statements that one connection has prepared; used on its queue only.
final class PreparedStatements {
    private let database: Database
    private var byText: [ObjectIdentifier: RowStatement] = [:]
    private var used: [RowStatement] = []
    private var products: SoldProducts?

    init(_ database: Database) { self.database = database }

    /// A statement that is prepared once, ready for its arguments.
    func statement(_ text: StatementText) throws -> RowStatement {
        // The text lives on with the program, so nothing else gets its identity.
        let name = ObjectIdentifier(text)
        if let statement = byText[name] {
            used.append(statement)
            return statement
        }
        let statement = RowStatement(try database.cachedStatement(sql: text.sql))
        byText[name] = statement
        used.append(statement)
        return statement
    }

    /// The same for a text that depends on the question; kept by GRDB, and found by its text.
    func statement(_ sql: String) throws -> RowStatement {
        let statement = RowStatement(try database.cachedStatement(sql: sql))
        used.append(statement)
        return statement
    }

    /// Those of `orders.sqlite`.
    func soldProducts() throws -> SoldProducts {
        if let products { return products }
        let products = try SoldProducts(database)
        self.products = products
        return products
    }

    /// Ends what was used, also in the middle of its rows: one row left open would keep the connection
    /// at its moment for ever.
    func reset() {
        for statement in used { statement.reset() }
        used.removeAll(keepingCapacity: true)
    }
}
