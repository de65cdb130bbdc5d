/// A product as it is sold now.
public struct ProductView: Hashable, Sendable, Codable {
    public let sku: String
    public let name: String
    public let price: Amount
    public let stocked: Bool
    public let onSale: Bool
    public let backorder: Bool
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case sku, name, price, stocked
        case onSale = "on_sale"
        case backorder
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    init(_ row: RowStatement) {
        sku = row.text(0)
        name = row.text(1)
        price = Amount(minor: row.integer(2), currency: row.text(3))
        stocked = row.flag(4)
        onSale = row.flag(5)
        backorder = row.flag(6)
        createdAt = Timestamp(row.instant(7))
        updatedAt = Timestamp(row.instant(8))
    }
}
