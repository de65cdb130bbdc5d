/// A product that a person ordered before.
public struct RecentProduct: Hashable, Sendable, Codable {
    public let sku: String
    /// As on the line ordered last.
    public let name: String
    /// The latest creation time among the person's orders that hold it.
    public let lastOrdered: Timestamp
    /// Lines, not orders and not units (S-114).
    public let timesOrdered: Int
    public let orderCount: Int
    public let orderedUnits: Int

    enum CodingKeys: String, CodingKey {
        case sku, name
        case lastOrdered = "last_ordered"
        case timesOrdered = "times_ordered"
        case orderCount = "order_count"
        case orderedUnits = "ordered_units"
    }
}
