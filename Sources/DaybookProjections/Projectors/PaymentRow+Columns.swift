internal import DaybookCore
internal import DaybookDecisions

extension PaymentRow {
    /// What ``init(_:from:)`` reads of `stored_orders`.
    static let columns = """
        payment_id_end, attempt, charge, payment_capture_mode, \(StoredOrderSQL.amount),
        authorized_minor, \(StoredOrderSQL.captured), stray_minor, refunded_minor, held,
        payment_reference, failure_code, failure_reason, authorization_expires_at, requested_after,
        capture_requested_at, capture_unknown, void_requested_at, payment_updated_before, currency,
        created_at, \(StoredOrderSQL.updatedAt)
        """

    /// How later events set the columns that ``bind(_:to:_:)`` binds.
    static let assignments = """
        payment_state = ?, payment_id_end = ?, attempt = ?, charge = ?, payment_capture_mode = ?,
        amount_surplus = ?, authorized_minor = ?, uncaptured_minor = ?, stray_minor = ?,
        refunded_minor = ?, held = ?, payment_reference = ?, failure_code = ?, failure_reason = ?,
        in_flight = ?, in_flight_since = ?, authorization_expires_at = ?, requested_after = ?,
        capture_requested_at = ?, capture_unknown = ?, void_requested_at = ?,
        payment_updated_before = ?
        """
    /// How many columns hold a payment.
    private static let columnCount = 21

    /// Reads ``columns`` in their order; `nil` when there is no payment, or a number means no word.
    init?(_ row: RowStatement, from first: Int32, of order: OrderID) {
        guard let id = row.optionalIdentifier(first, behind: order.rawValue),
            let charge = row.word(first + 2, Charge.self),
            let captureMode = row.word(first + 3, CaptureMode.self)
        else { return nil }
        self.init(
            id: PaymentID(rawValue: id), attempt: row.integer(first + 1),
            charge: charge, captureMode: captureMode, currency: row.text(first + 19),
            amount: row.integer(first + 4), authorized: row.integer(first + 5),
            captured: row.integer(first + 6), stray: row.integer(first + 7),
            refunded: row.integer(first + 8), isHeld: row.flag(first + 9),
            reference: row.paymentReference(first + 10, of: order),
            failureCode: row.optionalText(first + 11),
            failureReason: row.optionalText(first + 12),
            authorizationExpiresAt: row.optionalInstant(first + 13),
            // Most are asked for when the order is made, and most orders change last by their payment.
            requestedAt: Instant(
                microseconds: row.integer(first + 20) &+ row.integer(first + 14)),
            captureRequestedAt: row.optionalInstant(first + 15),
            isCaptureUnknown: row.flag(first + 16),
            voidRequestedAt: row.optionalInstant(first + 17),
            updatedAt: Instant(microseconds: row.integer(first + 21) &- row.integer(first + 18)))
    }

    /// Binds the columns of an order's payment, in the order of ``assignments`` and of the table.
    static func bind(
        _ payment: PaymentRow?, to row: RowStatement, of order: OrderID, _ progress: OrderProgress
    ) {
        row.bind(progress.paymentState)
        guard let payment else {
            for _ in 0..<columnCount { row.bindNull() }
            return
        }
        row.bind(identifier: payment.id.rawValue, behind: order.rawValue)
        row.bind(payment.attempt)
        row.bind(payment.charge)
        row.bind(payment.captureMode)
        row.bind(payment.amount &- progress.payable)
        row.bind(payment.authorized)
        row.bind(payment.amount &- payment.captured)
        row.bind(payment.stray)
        row.bind(payment.refunded)
        row.bind(payment.isHeld)
        row.bind(reference: payment.reference, of: order, attempt: payment.attempt)
        row.bind(payment.failureCode)
        row.bind(payment.failureReason)
        let inFlight = payment.inFlight
        row.bind(inFlight?.call)
        row.bind(inFlight?.since)
        row.bind(payment.authorizationExpiresAt)
        row.bind(payment.requestedAt.microseconds &- progress.createdAt.microseconds)
        row.bind(payment.captureRequestedAt)
        row.bind(payment.isCaptureUnknown)
        row.bind(payment.voidRequestedAt)
        row.bind(progress.updatedAt.microseconds &- payment.updatedAt.microseconds)
    }
}

extension RowStatement {
    /// Binds the provider's name for a payment: of the key that the charge was asked for under, which many
    /// providers give back, the number of the attempt.
    fileprivate func bind(reference: String?, of order: OrderID, attempt: Int64) {
        if let reference, let attempt = Int32(exactly: attempt),
            GatewayKey.isCharge(reference, of: order, attempt: attempt)
        {
            bind(Int64(attempt))
        } else {
            bind(reference)
        }
    }

    func paymentReference(_ column: Int32, of order: OrderID) -> String? {
        guard storedKind(column) == .integer else { return optionalText(column) }
        let attempt = Int32(truncatingIfNeeded: integer(column))
        return GatewayKey.charge(order, attempt: attempt).description
    }
}
