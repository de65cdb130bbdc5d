internal import DaybookCore

/// A row of `shipments`.
struct ShipmentRow {
    var id: ShipmentID
    var orderNumber: Int64
    var location: String
    var carrier: String?
    var tracking: String?
    var unitCount: Int64
    var lines: String
    var dispatchedAt: Instant
}

extension ShipmentRow {
    func write(_ row: RowStatement) throws {
        row.bind(orderNumber)
        row.bind(identifier: id.rawValue)
        row.bind(location)
        row.bind(carrier)
        row.bind(tracking)
        row.bind(unitCount)
        row.bind(lines)
        row.bind(dispatchedAt)
        try row.run()
    }
}
