internal import DaybookCore

/// A row of `refunds`.
struct RefundRow {
    enum State: String { case requested, succeeded, failed }

    var id: RefundID
    var payment: PaymentID
    var orderNumber: Int64
    var state = State.requested
    var currency: String
    var amount: Int64
    var reason: String
    var reference: String?
    var failureCode: String?
    var requestedAt: Instant
    var updatedAt: Instant
}

extension RefundRow {
    /// Reads the columns of `refunds` in their order; `nil` when a word is unknown.
    init?(_ row: RowStatement) {
        guard let state = State(rawValue: row.text(3)) else { return nil }
        self.init(
            id: RefundID(rawValue: row.identifier(1)),
            payment: PaymentID(rawValue: row.identifier(2)), orderNumber: row.integer(0),
            state: state, currency: row.text(4), amount: row.integer(5), reason: row.text(6),
            reference: row.optionalText(7), failureCode: row.optionalText(8),
            requestedAt: row.instant(9), updatedAt: row.instant(10))
    }

    func write(_ row: RowStatement) throws {
        row.bind(orderNumber)
        row.bind(identifier: id.rawValue)
        row.bind(identifier: payment.rawValue)
        row.bind(state.rawValue)
        row.bind(currency)
        row.bind(amount)
        row.bind(reason)
        row.bind(reference)
        row.bind(failureCode)
        row.bind(requestedAt)
        row.bind(updatedAt)
        try row.run()
    }
}
