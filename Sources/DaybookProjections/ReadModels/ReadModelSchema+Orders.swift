internal import DaybookCore
internal import DaybookDecisions

extension ReadModelSchema {
    /// `orders.sqlite`: orders on their three axes, money, goods on the way, and who bought what.
    package static let orders = ReadModelSchema(
        name: .orders, projectorVersion: 6,
        tables: [
            .storedOrders, .refunds, .shipments, .returns, .userOrders, .soldProducts,
            .parkedEvents,
        ],
        views: [.orders, .orderLines, .payments, .userProducts],
        indexes: [
            // Of an identifier the time, and enough behind it to tell the orders of one millisecond apart.
            "CREATE INDEX orders_by_id ON stored_orders (\(StoredOrderSQL.shortID))",
            // Few orders have one time, so the last step of their order is sorted when asked for.
            "CREATE INDEX orders_by_time ON stored_orders (created_at)",
            "CREATE UNIQUE INDEX sold_products_by_number ON sold_products (product_number)",
            // A customer of many years has few that are going on.
            """
            CREATE INDEX orders_active ON stored_orders (user_id, created_at)
            WHERE \(OrderStatus.isActive)
            """,
            """
            CREATE INDEX orders_by_expiry ON stored_orders (\(StoredOrderSQL.expiresAt))
            WHERE status = \(OrderStatus.pending.code) AND expires_shift IS NOT NULL
            """,
            """
            CREATE INDEX payments_in_flight ON stored_orders (in_flight_since)
            WHERE in_flight IS NOT NULL
            """,
        ])
}

extension TableDefinition {
    /// Orders with their payments, words as numbers; ``orders`` and ``payments`` show them to people.
    ///
    /// Clustered by the number, which only grows; the 128-bit id is in a narrow index.
    package static let storedOrders = TableDefinition(
        name: "stored_orders",
        columns: [
            ColumnDefinition("order_number", .integer),
            ColumnDefinition("order_id", .identifier(prefix: OrderID.prefix)),
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("currency", .text),
            ColumnDefinition("net_minor", .integer),
            ColumnDefinition("tax_minor", .integer),
            // What is charged above net and tax.
            ColumnDefinition("payable_surplus", .integer),
            ColumnDefinition("tax_rate_bps", .integer),
            ColumnDefinition("rounding", .word(Rounding.names)),
            ColumnDefinition("capture_mode", .word(CaptureMode.names)),
            ColumnDefinition("line_count", .integer),
            ColumnDefinition("unit_count", .integer),
            ColumnDefinition("origin", .word(OrderOrigin.names)),
            ColumnDefinition("created_at", .time),
            // Microseconds from the usual deadline to the order's.
            ColumnDefinition("expires_shift", .integer, optional: true),
            ColumnDefinition("shipping_address", .bytes, optional: true),
            ColumnDefinition("shipping_address_key", .integer, optional: true),
            // All lines in one value: rows of their own cost three times as much to write and to find.
            ColumnDefinition("lines", .packed),
            // What later events change stands last, in the order of the update statement.
            ColumnDefinition("status", .word(OrderStatus.names)),
            ColumnDefinition("fulfilment_state", .word(FulfilmentState.names)),
            ColumnDefinition("closure", .word(Closure.names)),
            ColumnDefinition("shipped_units", .integer),
            ColumnDefinition("returned_units", .integer),
            ColumnDefinition("processing_since", .time, optional: true),
            ColumnDefinition("closed_reason", .text, optional: true),
            // Microseconds after `created_at`.
            ColumnDefinition("updated_after", .integer),
            ColumnDefinition("position", .integer),
            ColumnDefinition("payment_state", .word(PaymentState.names)),
            // The payment, of which an order has one at most; NULL where nothing was to be paid.
            // Behind what it has in common with the order's.
            ColumnDefinition(
                "payment_id_end", .identifierEnd(prefix: PaymentID.prefix), optional: true),
            ColumnDefinition("attempt", .integer, optional: true),
            // How far the charge has come: decides `payment_failed`.
            ColumnDefinition("charge", .word(PaymentRow.Charge.names), optional: true),
            ColumnDefinition("payment_capture_mode", .word(CaptureMode.names), optional: true),
            // What is asked for above what the order costs.
            ColumnDefinition("amount_surplus", .integer, optional: true),
            ColumnDefinition("authorized_minor", .integer, optional: true),
            // What of the amount is not here.
            ColumnDefinition("uncaptured_minor", .integer, optional: true),
            // Money that is here without being owed: too late, or a wrong amount.
            ColumnDefinition("stray_minor", .integer, optional: true),
            ColumnDefinition("refunded_minor", .integer, optional: true),
            // A person must look: the provider's figures are not ours.
            ColumnDefinition("held", .flag, optional: true),
            // The provider's name for it: mostly the key that the charge was asked for under.
            ColumnDefinition("payment_reference", .gatewayReference, optional: true),
            ColumnDefinition("failure_code", .text, optional: true),
            ColumnDefinition("failure_reason", .text, optional: true),
            ColumnDefinition("in_flight", .word(PaymentRow.Call.names), optional: true),
            ColumnDefinition("in_flight_since", .time, optional: true),
            ColumnDefinition("authorization_expires_at", .time, optional: true),
            // Microseconds after `created_at`.
            ColumnDefinition("requested_after", .integer, optional: true),
            ColumnDefinition("capture_requested_at", .time, optional: true),
            ColumnDefinition("capture_unknown", .flag, optional: true),
            ColumnDefinition("void_requested_at", .time, optional: true),
            // Microseconds before the order's last change.
            ColumnDefinition("payment_updated_before", .integer, optional: true),
        ],
        key: ["order_number"], isClusteredByInteger: true, isPackedWhole: true)

    /// Unfolds `stored_orders.lines`, see ``StoredLine``.
    package static let orderLines = TableDefinition(
        name: "order_lines",
        columns: [
            ColumnDefinition("order_number", .integer),
            ColumnDefinition("line_number", .integer),
            ColumnDefinition("sku", .text),
            ColumnDefinition("name", .text),
            ColumnDefinition("quantity", .integer),
            ColumnDefinition("unit_price_minor", .integer),
            ColumnDefinition("price_overridden", .flag),
            ColumnDefinition("net_minor", .integer),
            ColumnDefinition("tax_minor", .integer),
            ColumnDefinition("unstocked", .flag),
            ColumnDefinition("shipped", .integer),
            ColumnDefinition("returned", .integer),
        ],
        key: ["order_number", "line_number"],
        viewStatement: """
            SELECT order_number,
                line.key + 1 + coalesce(json_extract(line.value, '$[9]'), 0) AS line_number,
                sku, name,
                json_extract(line.value, '$[1]') AS quantity,
                unit_price_minor + coalesce(json_extract(line.value, '$[2]'), 0)
                    AS unit_price_minor,
                coalesce(json_extract(line.value, '$[7]'), 0) AS price_overridden,
                json_extract(line.value, '$[1]')
                    * (unit_price_minor + coalesce(json_extract(line.value, '$[2]'), 0))
                    + coalesce(json_extract(line.value, '$[5]'), 0) AS net_minor,
                coalesce(json_extract(line.value, '$[6]'), 0) AS tax_minor,
                coalesce(json_extract(line.value, '$[8]'), 0) AS unstocked,
                coalesce(json_extract(line.value, '$[3]'), 0) AS shipped,
                coalesce(json_extract(line.value, '$[4]'), 0) AS returned
            FROM stored_orders JOIN json_each(\(RowList.json("stored_orders.lines"))) AS line
                LEFT JOIN sold_products ON product_number = json_extract(line.value, '$[0]')
            """)

    /// What belongs to an order lies together, in the order of the orders; so it needs no index.
    package static let refunds = TableDefinition(
        name: "refunds",
        columns: [
            ColumnDefinition("order_number", .integer),
            ColumnDefinition("refund_id", .identifier(prefix: RefundID.prefix)),
            ColumnDefinition("payment_id", .identifier(prefix: PaymentID.prefix)),
            ColumnDefinition("state", .text),
            ColumnDefinition("currency", .text),
            ColumnDefinition("amount_minor", .integer),
            ColumnDefinition("reason", .text),
            ColumnDefinition("reference", .text, optional: true),
            ColumnDefinition("failure_code", .text, optional: true),
            ColumnDefinition("requested_at", .time),
            ColumnDefinition("updated_at", .time),
        ],
        key: ["order_number", "refund_id"])

    package static let shipments = TableDefinition(
        name: "shipments",
        columns: [
            ColumnDefinition("order_number", .integer),
            ColumnDefinition("shipment_id", .identifier(prefix: ShipmentID.prefix)),
            ColumnDefinition("location", .text),
            ColumnDefinition("carrier", .text, optional: true),
            ColumnDefinition("tracking", .text, optional: true),
            ColumnDefinition("unit_count", .integer),
            // A JSON array of [line number, quantity].
            ColumnDefinition("lines", .text),
            ColumnDefinition("dispatched_at", .time),
        ],
        key: ["order_number", "shipment_id"])

    package static let returns = TableDefinition(
        name: "returns",
        columns: [
            ColumnDefinition("order_number", .integer),
            ColumnDefinition("return_id", .identifier(prefix: ReturnID.prefix)),
            ColumnDefinition("state", .text),
            ColumnDefinition("requested_units", .integer),
            ColumnDefinition("received_units", .integer),
            ColumnDefinition("damaged_units", .integer),
            // A JSON array of [line number, announced quantity].
            ColumnDefinition("lines", .text),
            ColumnDefinition("requested_at", .time),
            ColumnDefinition("received_at", .time, optional: true),
        ],
        key: ["order_number", "return_id"])

    /// One row per order under its person, so that the orders of a person are neighbours; added once, and
    /// changed by nothing.
    package static let userOrders = TableDefinition(
        name: "user_orders",
        columns: [
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("created_at", .time),
            ColumnDefinition("order_number", .integer),
            // Product and quantity of each line; see ``userProducts``.
            ColumnDefinition("products", .packed),
        ],
        key: ["user_id", "created_at", "order_number"], isPackedWhole: true)

    /// What was ever ordered, each SKU with each of its names once: lines name it by a number.
    ///
    /// The numbers count from 1 in the order of the log, see ``ProductNumbers``.
    package static let soldProducts = TableDefinition(
        name: "sold_products",
        columns: [
            ColumnDefinition("sku", .text),
            ColumnDefinition("name", .text),
            ColumnDefinition("product_number", .integer),
            // When it was first ordered.
            ColumnDefinition("unit_price_minor", .integer),
        ],
        key: ["sku", "name"], isPackedWhole: true)
}
