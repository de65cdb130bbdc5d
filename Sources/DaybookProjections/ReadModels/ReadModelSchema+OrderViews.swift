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
        // Without a payment.
        instead: [
            "charge": "coalesce(\(storedOrders.shown("charge")), 'none')",
            "captured_minor": "coalesce(captured_minor, 0)",
            "refunded_minor": "coalesce(refunded_minor, 0)",
        ])

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
            "reference": "payment_reference",
            "requested_at": "created_at + requested_after",
            "updated_at": "updated_at - payment_updated_before",
        ],
        where: "payment_id IS NOT NULL")

    /// A view of some columns of a table under the same names, with words for numbers.
    ///
    /// - Parameters:
    ///   - expressions: what stands for a column that is not shown as it is stored.
    ///   - condition: which rows; all of them when `nil`.
    private init(
        name: String, showing table: TableDefinition, key: [String], _ names: [String],
        instead expressions: [String: String], where condition: String? = nil
    ) {
        let columns = names.map { name in
            let stored = table.columns.first { $0.name == name }
            return ColumnDefinition(
                name, stored?.kind.shown ?? (name.hasSuffix("_at") ? .time : .text),
                optional: stored?.isOptional ?? false)
        }
        let values = names.map { name in
            let value = expressions[name] ?? table.shown(name)
            return value == name ? name : "\(value) AS \(name)"
        }
        self.init(
            name: name, columns: columns, key: key,
            viewStatement: "SELECT \(values.joined(separator: ",\n    "))\nFROM \(table.name)"
                + (condition.map { "\nWHERE \($0)" } ?? ""))
    }

    /// What a view shows of one of this table's columns.
    private func shown(_ column: String) -> String {
        columns.first { $0.name == column }?.shown ?? column
    }
}

extension ColumnDefinition.Kind {
    /// The kind in a view: a word is a text there.
    fileprivate var shown: ColumnDefinition.Kind {
        if case .word = self { .text } else { self }
    }
}
