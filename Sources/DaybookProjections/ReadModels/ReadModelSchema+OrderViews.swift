internal import DaybookCore
internal import DaybookDecisions

extension TableDefinition {
    /// The orders for people, with words for numbers.
    package static let orders = TableDefinition(
        name: "orders", showing: storedOrders, key: ["order_number"],
        [
            "order_number", "order_id", "user_id", "currency", "net_minor", "tax_minor",
            "payable_minor", "tax_rate_bps", "rounding", "capture_mode", "line_count", "unit_count",
            "origin", "created_at", "expires_at", "shipping_address", "shipping_address_key",
            "lines", "status", "payment_state", "fulfilment_state", "closure", "payment_id",
            "payment_reference", "charge", "captured_minor", "refunded_minor", "shipped_units",
            "returned_units", "processing_since", "closed_reason", "updated_at", "position",
        ],
        instead: [
            // Without a payment.
            "charge": "coalesce(\(storedOrders.shown("charge")), 'none')",
            "captured_minor": "coalesce(\(StoredOrderSQL.captured), 0)",
            "refunded_minor": "coalesce(refunded_minor, 0)",
        ].merging(derived) { own, _ in own },
        kinds: derivedKinds)

    /// The payments for people, one for each order of which something was to be paid.
    package static let payments = TableDefinition(
        name: "payments", showing: storedOrders, key: ["order_number", "payment_id"],
        [
            "order_number", "payment_id", "attempt", "state", "charge", "capture_mode", "currency",
            "amount_minor", "authorized_minor", "captured_minor", "stray_minor", "refunded_minor",
            "held", "reference", "failure_code", "failure_reason", "in_flight", "in_flight_since",
            "authorization_expires_at", "requested_at", "capture_requested_at", "capture_unknown",
            "void_requested_at", "updated_at",
        ],
        instead: [
            "state": storedOrders.shown("payment_state"),
            "capture_mode": storedOrders.shown("payment_capture_mode"),
            "amount_minor": StoredOrderSQL.amount,
            "captured_minor": StoredOrderSQL.captured,
            "reference": StoredOrderSQL.paymentReference,
            "requested_at": "created_at + requested_after",
            "updated_at": "\(StoredOrderSQL.updatedAt) - payment_updated_before",
        ].merging(derived) { own, _ in own },
        kinds: derivedKinds, where: "payment_id_end IS NOT NULL")

    /// What both show of what is stored in other words.
    private static let derived = [
        "payable_minor": StoredOrderSQL.payable,
        "lines": RowList.json("lines"),
        "expires_at": StoredOrderSQL.expiresAt,
        "updated_at": StoredOrderSQL.updatedAt,
        "payment_id": StoredOrderSQL.paymentID,
        "payment_reference": StoredOrderSQL.paymentReference,
    ]
    private static let derivedKinds: [String: ColumnDefinition.Kind] = [
        "payable_minor": .integer, "amount_minor": .integer, "captured_minor": .integer,
        "payment_id": .identifier(prefix: PaymentID.prefix),
    ]

    /// One row per person and product ever ordered, whatever became of the order.
    package static let userProducts = TableDefinition(
        name: "user_products",
        columns: [
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("sku", .text),
            // As on the line ordered last.
            ColumnDefinition("name", .text),
            ColumnDefinition("last_ordered", .time),
            ColumnDefinition("times_ordered", .integer),
            ColumnDefinition("order_count", .integer),
            ColumnDefinition("ordered_units", .integer),
        ],
        key: ["user_id", "sku"],
        viewStatement: """
            SELECT user_id, sku, max(latest_name) AS name, max(created_at) AS last_ordered,
                count(*) AS times_ordered, count(DISTINCT order_number) AS order_count,
                sum(quantity) AS ordered_units
            FROM (
                SELECT user_id, order_number, created_at, sku,
                    json_extract(line.value, '$[1]') AS quantity,
                    first_value(name) OVER (
                        PARTITION BY user_id, sku
                        ORDER BY created_at DESC, order_number DESC, line.key DESC
                    ) AS latest_name
                FROM user_orders JOIN json_each(\(RowList.json("user_orders.products"))) AS line
                    JOIN sold_products ON product_number = json_extract(line.value, '$[0]')
            )
            GROUP BY user_id, sku
            """)
}
