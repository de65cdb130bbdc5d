internal import DaybookCore
internal import DaybookDecisions

extension ReadModelSchema {
    /// `inventory.sqlite`: what is sold, what is where, and how it got there.
    package static let inventory = ReadModelSchema(
        name: .inventory, projectorVersion: 4,
        tables: [.products, .stock, .stockLedger, .parkedEvents], views: [.stockMovements],
        indexes: [])
}

extension TableDefinition {
    package static let products = TableDefinition(
        name: "products",
        columns: [
            ColumnDefinition("sku", .text),
            ColumnDefinition("name", .text),
            ColumnDefinition("price_minor", .integer),
            ColumnDefinition("currency", .text),
            ColumnDefinition("stocked", .flag),
            ColumnDefinition("on_sale", .flag),
            ColumnDefinition("backorder", .flag),
            ColumnDefinition("created_at", .time),
            ColumnDefinition("updated_at", .time),
            ColumnDefinition("position", .integer),
        ],
        key: ["sku"])

    package static let stock = TableDefinition(
        name: "stock",
        columns: [
            ColumnDefinition("sku", .text),
            ColumnDefinition("location", .text),
            ColumnDefinition("on_hand", .integer),
            ColumnDefinition("reserved", .integer),
            ColumnDefinition("backordered", .integer),
            ColumnDefinition("available", .integer, derivedAs: "on_hand - reserved"),
        ],
        key: ["sku", "location"])

    /// One row per event that moved stock, with all that it moved, see ``StockMovements/Line``.
    package static let stockLedger = TableDefinition(
        name: "stock_ledger",
        columns: [
            ColumnDefinition("position", .integer),
            ColumnDefinition("kind", .word(StockMovements.Kind.names)),
            ColumnDefinition("order_id", .identifier(prefix: OrderID.prefix), optional: true),
            ColumnDefinition("lines", .packed),
        ],
        key: ["position"], isClusteredByInteger: true, isPackedWhole: true)

    /// Unfolds `stock_ledger`: one row per stock line of one event; `ordinal` counts the lines of one
    /// event from 1.
    package static let stockMovements = TableDefinition(
        name: "stock_movements",
        columns: [
            ColumnDefinition("position", .integer),
            ColumnDefinition("ordinal", .integer),
            ColumnDefinition("sku", .text),
            ColumnDefinition("location", .text),
            ColumnDefinition("kind", .text),
            ColumnDefinition("quantity", .integer),
            ColumnDefinition("order_id", .identifier(prefix: OrderID.prefix), optional: true),
        ],
        key: ["position", "ordinal"],
        viewStatement: """
            SELECT position, line.key + 1 + coalesce(json_extract(line.value, '$[3]'), 0) AS ordinal,
                json_extract(line.value, '$[0]') AS sku,
                coalesce(json_extract(line.value, '$[2]'), '\(LocationID.main)') AS location,
                \(stockLedger.shown("kind")) AS kind,
                json_extract(line.value, '$[1]') AS quantity, order_id
            FROM stock_ledger, json_each(\(RowList.json("stock_ledger.lines"))) AS line
            """)
}
