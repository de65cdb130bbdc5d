public import DaybookCore

/// One parcel.
public struct ShipmentView: Hashable, Sendable, Codable {
    public let shipmentID: ShipmentID
    public let location: String
    public let carrier: String?
    public let tracking: String?
    public let unitCount: Int
    /// `[[line number, quantity], …]`.
    public let lines: [[Int]]
    public let dispatchedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case shipmentID = "shipment_id"
        case location, carrier, tracking
        case unitCount = "unit_count"
        case lines
        case dispatchedAt = "dispatched_at"
    }

    /// Reads the columns of `shipments` in their order.
    init(_ row: RowStatement) {
        shipmentID = ShipmentID(rawValue: row.identifier(1))
        location = row.text(2)
        carrier = row.optionalText(3)
        tracking = row.optionalText(4)
        unitCount = Int(row.integer(5))
        lines = LinePairs.read(row.text(6))
        dispatchedAt = Timestamp(row.instant(7))
    }
}
