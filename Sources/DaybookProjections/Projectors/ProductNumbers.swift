internal import DaybookDecisions
internal import GRDB

/// Gives every SKU with every name that it is ordered under a number: the rows of `sold_products`.
///
/// The numbers count from 1 in the order of the log, orders included that are parked: so they are the same
/// in a rebuild by a program that takes what was parked here.
///
/// Confined like its projector; used inside the transaction that moves the checkpoint.
final class ProductNumbers {
    private let select: RowStatement
    private let selectLast: RowStatement
    private let insert: RowStatement
    /// A part of what the file holds, and all that it does not hold yet.
    private var known = RowCache<SoldProductKey, Int64>()
    private var added: [(key: SoldProductKey, number: Int64)] = []
    private var last: Int64?
    /// Bounds the memory where products get new names without end: some 8 MB.
    private static let knownLimit = 65_536

    init(_ database: Database) throws {
        let table = TableDefinition.soldProducts
        select = try RowStatement(
            database, "SELECT product_number FROM \(table.name) WHERE sku = ? AND name = ?")
        selectLast = try RowStatement(database, "SELECT max(product_number) FROM \(table.name)")
        insert = try RowStatement(database, table.insertion())
    }

    /// The number of a line's product, which is a new one when the product was not ordered before.
    func number(of line: OrderLine) throws -> Int64 {
        let key = SoldProductKey(sku: line.sku, name: line.name)
        if let place = known.find(key) { return known[place] }
        let number = try stored(key) ?? add(key)
        known.insert(number, at: key)
        return number
    }

    /// Writes what has got a number since the last time. Not at once, since a fold may fail before it writes,
    /// and a rebuild has no way back.
    func write() throws {
        for (key, number) in added {
            insert.bind(key.sku.rawValue)
            insert.bind(key.name)
            insert.bind(number)
            try insert.run()
        }
        added.removeAll()
        if known.rows.count >= ProductNumbers.knownLimit { known = RowCache() }
    }

    /// A transaction was undone: what is known may not be in the file.
    func forget() {
        known = RowCache()
        added.removeAll()
        last = nil
    }

    private func stored(_ key: SoldProductKey) throws -> Int64? {
        select.bind(key.sku.rawValue)
        select.bind(key.name)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return select.integer(0)
    }

    private func add(_ key: SoldProductKey) throws -> Int64 {
        let number = try (last ?? storedLast()) + 1
        added.append((key, number))
        last = number
        return number
    }

    private func storedLast() throws -> Int64 {
        defer { selectLast.reset() }
        return try selectLast.step() ? selectLast.integer(0) : 0
    }
}
