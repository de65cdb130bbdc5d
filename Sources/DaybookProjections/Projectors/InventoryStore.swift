internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// The prepared statements of `inventory.sqlite`.
final class InventoryStore {
    private let selectProduct: RowStatement
    private let replaceProduct: RowStatement
    private let changeStock: RowStatement
    private let selectLines: RowStatement
    private let insertMovements: RowStatement
    private let replaceMovements: RowStatement
    private var lineList = RowListWriter()

    init(_ database: Database) throws {
        selectProduct = try RowStatement(
            database, TableDefinition.products.selection(suffix: "WHERE sku = ?"))
        replaceProduct = try RowStatement(
            database, TableDefinition.products.insertion(orReplace: true))
        changeStock = try RowStatement(
            database,
            """
            INSERT INTO stock (sku, location, on_hand, reserved, backordered)
            VALUES (?, ?, ?, ?, 0)
            ON CONFLICT (sku, location) DO UPDATE
            SET on_hand = \(Mutant.stockReplaced.isPlanted ? "0" : "on_hand") + excluded.on_hand,
                reserved = reserved + excluded.reserved
            """)
        selectLines = try RowStatement(
            database, "SELECT lines FROM stock_ledger WHERE position = ?")
        insertMovements = try RowStatement(
            database, TableDefinition.stockLedger.insertion())
        replaceMovements = try RowStatement(
            database, TableDefinition.stockLedger.insertion(orReplace: true))
    }

    func product(_ sku: SKU) throws -> ProductRow? {
        let row = selectProduct
        row.bind(sku.rawValue)
        guard try row.step() else { return nil }
        defer { row.reset() }
        guard let currency = Currency(rawValue: row.text(3)) else { return nil }
        return ProductRow(
            sku: sku, name: row.text(1),
            price: Money(minor: row.integer(2), currency: currency), isStocked: row.flag(4),
            isOnSale: row.flag(5), takesBackorders: row.flag(6), createdAt: row.instant(7),
            updatedAt: row.instant(8),
            position: row.position(9))
    }

    func write(_ product: ProductRow) throws {
        let row = replaceProduct
        row.bind(product.sku.rawValue)
        row.bind(product.name)
        row.bind(product.price.minor)
        row.bind(product.price.currency.rawValue)
        row.bind(product.isStocked)
        row.bind(product.isOnSale)
        row.bind(product.takesBackorders)
        row.bind(product.createdAt)
        row.bind(product.updatedAt)
        row.bind(product.position)
        try row.run()
    }

    func write(_ change: StockChange) throws {
        let row = changeStock
        row.bind(change.key.sku.rawValue)
        row.bind(change.key.location.rawValue)
        row.bind(change.onHand)
        row.bind(change.reserved)
        try row.run()
    }

    func write(_ movements: StockMovements) throws {
        var lines = movements.lines
        if movements.isPartial {
            // What was parked of an event comes later; then the row is as if it had come at once.
            lines = try stored(at: movements.position) + lines
            lines.sort { $0.ordinal < $1.ordinal }
        }
        lineList.removeAll()
        for (place, line) in lines.enumerated() { line.write(to: &lineList, at: place) }
        let row = movements.isPartial ? replaceMovements : insertMovements
        row.bind(movements.position)
        row.bind(movements.kind)
        row.bind(identifier: movements.order?.rawValue)
        lineList.bytes.withUnsafeBytes { row.bind(utf8: $0) }
        try row.run()
    }

    private func stored(at position: LogPosition) throws -> [StockMovements.Line] {
        selectLines.bind(position)
        guard try selectLines.step() else { return [] }
        defer { selectLines.reset() }
        return try StockMovements.Line.read(selectLines.textBytes(0))
    }
}
