public import DaybookCore

/// Goods coming back.
public struct ReturnView: Hashable, Sendable, Codable {
    public let returnID: ReturnID
    /// `requested` or `received`.
    public let state: String
    public let requestedUnits: Int
    public let receivedUnits: Int
    public let damagedUnits: Int
    /// `[[line number, announced quantity], …]`.
    public let lines: [[Int]]
    public let requestedAt: Timestamp
    public let receivedAt: Timestamp?

    enum CodingKeys: String, CodingKey {
        case returnID = "return_id"
        case state
        case requestedUnits = "requested_units"
        case receivedUnits = "received_units"
        case damagedUnits = "damaged_units"
        case lines
        case requestedAt = "requested_at"
        case receivedAt = "received_at"
    }

    init(_ row: ReturnRow) {
        returnID = row.id
        state = row.state.rawValue
        requestedUnits = Int(row.requestedUnits)
        receivedUnits = Int(row.receivedUnits)
        damagedUnits = Int(row.damagedUnits)
        lines = LinePairs.read(row.lines)
        requestedAt = Timestamp(row.requestedAt)
        receivedAt = row.receivedAt.map(Timestamp.init)
    }
}
