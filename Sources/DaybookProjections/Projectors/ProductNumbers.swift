internal import DaybookDecisions
internal import GRDB

/// A row of `sold_products` as lines name it.
struct NumberedProduct {
    var number: Int64
    /// What it cost when it was first ordered under its name: lines say by how much theirs differs.
    var unitPrice: Int64
}

/// Gives every SKU with every name that it is ordered under a number: the rows of `sold_products`.
///
/// The numbers count from 1 in the order of the log, orders included that are parked: so they and the prices
/// are the same in a rebuild by a program that takes what was parked here.
///
/// Confined like its projector; used inside the transaction that moves the checkpoint.
final class ProductNumbers {
    private let select: RowStatement
    private let selectLast: RowStatement
    private let insert: RowStatement
    /// A part of what the file holds, and all that it does not hold yet.
    private var known = RowCache<SoldProductKey, NumberedProduct>()
    private var added: [(key: SoldProductKey, product: NumberedProduct)] = []
    private var last: Int64?
    /// Bounds the memory where products get new names without end: some 8 MB.
    private static let knownLimit = 65_536

    init(_ database: Database) throws {
        let table = TableDefinition.soldProducts
        select = try RowStatement(
            database,
            """
            SELECT product_number, unit_price_minor FROM \(table.name) WHERE sku = ? AND name = ?
            """)
        selectLast = try RowStatement(database, "SELECT max(product_number) FROM \(table.name)")
        insert = try RowStatement(database, table.insertion())
    }

    /// A line's product, which gets a new number when it was not ordered before.
    func product(of line: OrderLine) throws -> NumberedProduct {
        let key = SoldProductKey(sku: line.sku, name: line.name)
        if let place = known.find(key) { return known[place] }
        let product = try stored(key) ?? add(key, unitPrice: line.unitPriceMinor)
        known.insert(product, at: key)
        return product
    }

    /// Writes what has got a number since the last time. Not at once, since a fold may fail before it writes,
    /// and a rebuild has no way back.
    func write() throws {
        for (key, product) in added {
            insert.bind(key.sku.rawValue)
            insert.bind(key.name)
            insert.bind(product.number)
            insert.bind(product.unitPrice)
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

    private func stored(_ key: SoldProductKey) throws -> NumberedProduct? {
        select.bind(key.sku.rawValue)
        select.bind(key.name)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return NumberedProduct(number: select.integer(0), unitPrice: select.integer(1))
    }

    private func add(_ key: SoldProductKey, unitPrice: Int64) throws -> NumberedProduct {
        let number = try (last ?? storedLast()) + 1
        let product = NumberedProduct(number: number, unitPrice: unitPrice)
        added.append((key, product))
        last = number
        return product
    }

    private func storedLast() throws -> Int64 {
        defer { selectLast.reset() }
        return try selectLast.step() ? selectLast.integer(0) : 0
    }
}
