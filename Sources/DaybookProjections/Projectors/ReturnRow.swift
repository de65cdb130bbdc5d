internal import DaybookCore

/// A row of `returns`.
struct ReturnRow {
    enum State: String { case requested, received }

    var id: ReturnID
    var orderNumber: Int64
    var state = State.requested
    var requestedUnits: Int64
    var receivedUnits: Int64 = 0
    var damagedUnits: Int64 = 0
    var lines: String
    var requestedAt: Instant
    var receivedAt: Instant?
}

extension ReturnRow {
    /// Reads the columns of `returns` in their order; `nil` when a word is unknown.
    init?(_ row: RowStatement) {
        guard let state = State(rawValue: row.text(2)) else { return nil }
        self.init(
            id: ReturnID(rawValue: row.identifier(1)), orderNumber: row.integer(0), state: state,
            requestedUnits: row.integer(3), receivedUnits: row.integer(4),
            damagedUnits: row.integer(5), lines: row.text(6), requestedAt: row.instant(7),
            receivedAt: row.optionalInstant(8))
    }

    func write(_ row: RowStatement) throws {
        row.bind(orderNumber)
        row.bind(identifier: id.rawValue)
        row.bind(state.rawValue)
        row.bind(requestedUnits)
        row.bind(receivedUnits)
        row.bind(damagedUnits)
        row.bind(lines)
        row.bind(requestedAt)
        row.bind(receivedAt)
        try row.run()
    }
}
