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
    init(_ line: StoredLine, of product: SoldProduct, in unit: Amount.Unit) {
        let unitPrice = product.unitPrice &+ line.priceSurplus
        self.init(
            lineNumber: Int(line.lineNumber), sku: product.sku, name: product.name,
            quantity: Int(line.quantity), unitPrice: unit.amount(unitPrice),
            priceOverridden: line.isPriceOverridden,
            net: unit.amount(line.quantity &* unitPrice &+ line.netSurplus),
            tax: unit.amount(line.tax), shipped: Int(line.shipped), returned: Int(line.returned))
    }
}

extension OrderView {
    static let columns = OrderSummary.columns + ", lines"
    /// How many ``columns`` there are.
    static let columnCount = OrderSummary.columnCount + 1

    /// Reads ``columns`` in their order.
    init(_ row: RowStatement, _ products: SoldProducts) throws {
        let unit = OrderSummary.unit(of: row)
        let lines = try StoredLine.read(row.textBytes(OrderSummary.columnCount))
        self.init(
            summary: OrderSummary(row, in: unit),
            lines: try lines.map {
                OrderLineView($0, of: try products.product($0.product), in: unit)
            })
    }
}
