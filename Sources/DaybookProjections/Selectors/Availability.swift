/// What of a product is there; without a location the sum of all.
public struct Availability: Hashable, Sendable, Codable {
    public let sku: String
    public let location: String?
    public let onHand: Int64
    public let reserved: Int64
    public let backordered: Int64
    /// On hand less reserved.
    public let available: Int64

    enum CodingKeys: String, CodingKey {
        case sku, location
        case onHand = "on_hand"
        case reserved, backordered, available
    }
}
