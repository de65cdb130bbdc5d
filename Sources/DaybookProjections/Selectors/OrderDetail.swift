/// An order with everything that belongs to it; in JSON the fields of the order stand beside the
/// others.
public struct OrderDetail: Hashable, Sendable {
    public let order: OrderView
    public let payments: [PaymentView]
    public let refunds: [RefundView]
    public let shipments: [ShipmentView]
    public let returns: [ReturnView]
}

extension OrderDetail: Codable {
    private enum CodingKeys: String, CodingKey { case payments, refunds, shipments, returns }

    public init(from decoder: any Decoder) throws {
        order = try OrderView(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        payments = try container.decode([PaymentView].self, forKey: .payments)
        refunds = try container.decode([RefundView].self, forKey: .refunds)
        shipments = try container.decode([ShipmentView].self, forKey: .shipments)
        returns = try container.decode([ReturnView].self, forKey: .returns)
    }

    public func encode(to encoder: any Encoder) throws {
        try order.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(payments, forKey: .payments)
        try container.encode(refunds, forKey: .refunds)
        try container.encode(shipments, forKey: .shipments)
        try container.encode(returns, forKey: .returns)
    }
}
