internal import DaybookCore

/// An order with its lines; in JSON the fields of the summary stand beside `lines`.
public struct OrderView: Hashable, Sendable {
    public let summary: OrderSummary
    public let lines: [OrderLineView]

    public init(summary: OrderSummary, lines: [OrderLineView]) {
        self.summary = summary
        self.lines = lines
    }
}

extension OrderView: Codable {
    private enum CodingKeys: String, CodingKey { case lines }

    public init(from decoder: any Decoder) throws {
        summary = try OrderSummary(from: decoder)
        lines = try decoder.container(keyedBy: CodingKeys.self)
            .decode([OrderLineView].self, forKey: .lines)
    }

    public func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lines, forKey: .lines)
    }
}

/// One line of an order with the product as it was when it was ordered (D-53).
public struct OrderLineView: Hashable, Sendable, Codable {
    /// From 1.
    public let lineNumber: Int
    public let sku: String
    public let name: String
    public let quantity: Int
    public let unitPrice: Amount
    public let priceOverridden: Bool
    public let net: Amount
    public let tax: Amount
    public let shipped: Int
    public let returned: Int

    enum CodingKeys: String, CodingKey {
        case lineNumber = "line_number"
        case sku, name, quantity
        case unitPrice = "unit_price"
        case priceOverridden = "price_overridden"
        case net, tax, shipped, returned
    }
}

extension OrderLineView {
    static let columns = """
        line_number, sku, name, quantity, unit_price_minor, price_overridden, net_minor, tax_minor,
        shipped, returned
        """

    /// Reads ``columns`` in their order, from the given one on.
    init(_ row: RowStatement, from first: Int32, currency: String) {
        func amount(_ column: Int32) -> Amount {
            Amount(minor: row.integer(first + column), currency: currency)
        }
        self.init(
            lineNumber: Int(row.integer(first)), sku: row.text(first + 1),
            name: row.text(first + 2), quantity: Int(row.integer(first + 3)),
            unitPrice: amount(4), priceOverridden: row.flag(first + 5), net: amount(6),
            tax: amount(7), shipped: Int(row.integer(first + 8)),
            returned: Int(row.integer(first + 9)))
    }
}

extension Snapshot {
    /// Adds the lines to orders, all in one statement.
    func views(of summaries: [OrderSummary]) throws -> [OrderView] {
        guard !summaries.isEmpty else { return [] }
        let row = try statement(
            """
            SELECT order_number, \(OrderLineView.columns) FROM order_lines
            WHERE order_number IN (SELECT value FROM json_each(?))
            ORDER BY order_number, line_number
            """)
        let numbers = summaries.map { String($0.orderNumber) }.joined(separator: ",")
        row.bind("[\(numbers)]")
        var currencies: [UInt64: String] = [:]
        for summary in summaries { currencies[summary.orderNumber] = summary.net.currency }
        var lines: [UInt64: [OrderLineView]] = [:]
        while try row.step() {
            let number = UInt64(bitPattern: row.integer(0))
            lines[number, default: []].append(
                OrderLineView(row, from: 1, currency: currencies[number] ?? ""))
        }
        return summaries.map { OrderView(summary: $0, lines: lines[$0.orderNumber] ?? []) }
    }
}
