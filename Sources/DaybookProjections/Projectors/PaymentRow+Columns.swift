internal import DaybookCore
internal import DaybookDecisions

extension PaymentRow {
    /// Reads the columns of `payments` in their order; `nil` when a word is unknown. The derived
    /// columns 3, 16 and 17 are derived again.
    init?(_ row: RowStatement) {
        guard let charge = Charge(rawValue: row.text(4)) else { return nil }
        self.init(
            id: PaymentID(rawValue: row.identifier(1)), orderNumber: row.integer(0),
            attempt: row.integer(2), charge: charge, captureMode: row.text(5),
            currency: row.text(6), amount: row.integer(7), authorized: row.integer(8),
            captured: row.integer(9), stray: row.integer(10), refunded: row.integer(11),
            isHeld: row.flag(12), reference: row.optionalText(13),
            failureCode: row.optionalText(14), failureReason: row.optionalText(15),
            authorizationExpiresAt: row.optionalInstant(18), requestedAt: row.instant(19),
            captureRequestedAt: row.optionalInstant(20), isCaptureUnknown: row.flag(21),
            voidRequestedAt: row.optionalInstant(22), updatedAt: row.instant(23))
    }

    func write(_ row: RowStatement) throws {
        row.bind(orderNumber)
        row.bind(identifier: id.rawValue)
        row.bind(attempt)
        row.bind(state.rawValue)
        row.bind(charge.rawValue)
        row.bind(captureMode)
        row.bind(currency)
        row.bind(amount)
        row.bind(authorized)
        row.bind(captured)
        row.bind(stray)
        row.bind(refunded)
        row.bind(isHeld)
        row.bind(reference)
        row.bind(failureCode)
        row.bind(failureReason)
        row.bind(inFlight?.call.rawValue)
        row.bind(inFlight?.since)
        row.bind(authorizationExpiresAt)
        row.bind(requestedAt)
        row.bind(captureRequestedAt)
        row.bind(isCaptureUnknown)
        row.bind(voidRequestedAt)
        row.bind(updatedAt)
        try row.run()
    }
}
