/// Adds goods that came in.
public struct ReceiveStock: Hashable, Sendable {
    public static let name = "ReceiveStock"
    public var sku: String
    public var location: LocationID
    /// 1 ... 1,000,000,000; checked by the decider.
    public var quantity: Int

    public init(sku: String, location: LocationID = .main, quantity: Int) {
        self.sku = sku
        self.location = location
        self.quantity = quantity
    }
}

/// Corrects what is on hand: a count, a loss, a find. Never below what is reserved.
public struct AdjustStock: Hashable, Sendable {
    public static let name = "AdjustStock"
    public var sku: String
    public var location: LocationID
    public var delta: Int
    public var reason: String
    /// What the caller believes is on hand; the correction is refused if it is not so.
    public var expectedOnHand: Int?

    public init(
        sku: String, location: LocationID = .main, delta: Int, reason: String,
        expectedOnHand: Int? = nil
    ) {
        self.sku = sku
        self.location = location
        self.delta = delta
        self.reason = reason
        self.expectedOnHand = expectedOnHand
    }
}
