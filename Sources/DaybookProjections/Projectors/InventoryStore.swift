internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// The prepared statements of `inventory.sqlite`.
final class InventoryStore {
    private let selectProduct: RowStatement
    private let replaceProduct: RowStatement
    private let changeStock: RowStatement
    private let insertMovement: RowStatement

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
        insertMovement = try RowStatement(database, TableDefinition.stockMovements.insertion())
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

    func write(_ movement: StockMovement) throws {
        let row = insertMovement
        row.bind(movement.position)
        row.bind(Int64(movement.ordinal))
        row.bind(movement.sku.rawValue)
        row.bind(movement.location.rawValue)
        row.bind(movement.kind.rawValue)
        row.bind(movement.quantity)
        row.bind(identifier: movement.order?.rawValue)
        try row.run()
    }
}
