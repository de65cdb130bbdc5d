public import DaybookCore

/// What a person sees first (S-117).
public struct Dashboard: Hashable, Sendable, Codable {
    public let orders: [OrderView]
    public let recentProducts: [RecentProduct]

    enum CodingKeys: String, CodingKey {
        case orders
        case recentProducts = "recent_products"
    }
}

extension ReadModels {
    /// Active orders and recent products with their default limits, both from the same moment.
    ///
    /// - Throws: `not_yet`, `read_model_unavailable`.
    public func dashboard(
        user: UserID, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<Dashboard> {
        try await wholeAnswer(from: .orders, atLeast: atLeast, asOf: moment) { snapshot in
            let recent = try snapshot.recentProducts(of: user, limit: 5)
            return Answer(
                value: Dashboard(
                    orders: try snapshot.activeOrders(of: user, limit: 10),
                    recentProducts: recent.value),
                position: recent.position)
        }
    }
}
