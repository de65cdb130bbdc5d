internal import DaybookCore
internal import DaybookDecisions

/// The money axis.
extension OrdersFold {
    mutating func applyPayment(_ fact: Fact) throws {
        switch fact.event {
        case .paymentRequested(let event): try request(event, fact)
        case .paymentAuthorized(let event):
            try settle(event.paymentID, event.orderID, fact) { payment in
                payment.authorized = event.amount.minor
                payment.reference = event.reference
                payment.authorizationExpiresAt = event.expiresAt
                payment.charge = .authorized
            }
        case .paymentCaptureRequested(let event):
            try settle(event.paymentID, event.orderID, fact) { payment in
                payment.captureRequestedAt = fact.recordedAt
                payment.isCaptureUnknown = false
            }
        case .paymentCaptured(let event): try capture(event, fact)
        case .paymentDeclined(let event): try decline(event, fact)
        case .paymentOutcomeUnknown(let event):
            try settle(event.paymentID, event.orderID, fact) { payment in
                payment.failureReason = event.cause
                if payment.captureRequestedAt != nil {
                    payment.isCaptureUnknown = true
                } else if payment.charge == .inFlight {
                    payment.charge = .unknown
                }
            }
        case .paymentVoidRequested(let event):
            try settle(event.paymentID, event.orderID, fact) { payment in
                payment.voidRequestedAt = fact.recordedAt
            }
        case .paymentVoided(let event):
            try settle(event.paymentID, event.orderID, fact) { payment in
                payment.voidRequestedAt = nil
                // A declined charge whose late authorisation was given back stays declined.
                if payment.charge != .declined { payment.charge = .voided }
            }
        case .latePaymentReceived(let event): try receiveLate(event, fact)
        case .paymentAmountMismatchDetected(let event): try hold(event, fact)
        default: try applyRefund(fact)
        }
    }

    // MARK: Charges

    private mutating func request(_ event: PaymentRequested, _ fact: Fact) throws {
        let place = try change(event.orderID, fact)
        var row =
            orders[place].progress.payment
            ?? PaymentRow(
                id: event.paymentID, attempt: 0, captureMode: event.captureMode,
                currency: event.amount.currency.rawValue, amount: event.amount.minor,
                requestedAt: fact.recordedAt, updatedAt: fact.recordedAt)
        guard row.id == event.paymentID else {
            throw failure(fact, "the order has another payment, \(row.id)")
        }
        row.attempt = Int64(event.attempt)
        row.amount = event.amount.minor
        row.captureMode = event.captureMode
        row.charge = .inFlight
        row.failureCode = nil
        row.failureReason = nil
        row.requestedAt = fact.recordedAt
        row.updatedAt = fact.recordedAt
        orders[place].progress.payment = row
    }

    private mutating func capture(_ event: PaymentCaptured, _ fact: Fact) throws {
        try settle(event.paymentID, event.orderID, fact) { payment in
            payment.reference = event.reference
            payment.captured &+= event.amount.minor
            payment.charge = .captured
            payment.failureCode = nil
            payment.failureReason = nil
            payment.endCapture()
            payment.voidRequestedAt = nil
        }
    }

    private mutating func decline(_ event: PaymentDeclined, _ fact: Fact) throws {
        try settle(event.paymentID, event.orderID, fact) { payment in
            payment.failureCode = event.code
            payment.failureReason = event.reason
            if event.captureID != nil {
                payment.endCapture()
            } else if !Mutant.declineNotProjected.isPlanted {
                payment.charge = .declined
            }
        }
    }

    /// Money for an order that was given up: it is here, but it does not pay the order.
    private mutating func receiveLate(_ event: LatePaymentReceived, _ fact: Fact) throws {
        try settle(event.paymentID, event.orderID, fact) { payment in
            payment.reference = event.reference
            if event.actual.currency.rawValue == payment.currency {
                payment.stray &+= Mutant.lateMoneyNotProjected.isPlanted ? 0 : event.actual.minor
            } else {
                payment.isHeld = true
            }
            payment.endCapture()
            payment.voidRequestedAt = nil
            // Declined stays declined: the order was given up, and the money only passes through.
            if payment.charge != .declined { payment.charge = .captured }
        }
    }

    private mutating func hold(_ event: PaymentAmountMismatchDetected, _ fact: Fact) throws {
        try settle(event.paymentID, event.orderID, fact) { payment in
            payment.isHeld = true
            payment.failureCode = "amount_mismatch"
            payment.failureReason = "expected \(event.expected), got \(event.actual)"
            let isCharge = payment.charge == .inFlight || payment.charge == .unknown
            // Only a charge or capture in flight brought money; otherwise the figures alone
            // disagree.
            guard isCharge || payment.captureRequestedAt != nil else { return }
            payment.reference = event.reference
            if event.actual.currency.rawValue == payment.currency {
                payment.stray &+= event.actual.minor
            }
            payment.endCapture()
            if isCharge { payment.charge = .mismatched }
        }
    }

    // MARK: Refunds

    private mutating func applyRefund(_ fact: Fact) throws {
        switch fact.event {
        case .refundRequested(let event):
            let place = try settle(event.paymentID, event.orderID, fact) { _ in }
            refunds.insert(
                RefundRow(
                    id: event.refundID, payment: event.paymentID,
                    orderNumber: orders[place].number, currency: event.amount.currency.rawValue,
                    amount: event.amount.minor, reason: event.reason,
                    requestedAt: fact.recordedAt, updatedAt: fact.recordedAt),
                at: event.refundID)
        case .refundSucceeded(let event):
            try changeRefund(event.refundID, event.orderID, fact) {
                $0.state = .succeeded
                $0.reference = event.reference
            }
            try settle(event.paymentID, event.orderID, fact) { payment in
                if PlantedBug.refundNotAdded.isPlanted { return }
                payment.refunded &+= event.amount.minor
            }
        case .refundFailed(let event):
            try changeRefund(event.refundID, event.orderID, fact) {
                $0.state = .failed
                $0.failureCode = event.code
            }
            try settle(event.paymentID, event.orderID, fact) { _ in }
        default: break
        }
    }

    private mutating func changeRefund(
        _ id: RefundID, _ order: OrderID, _ fact: Fact, _ body: (inout RefundRow) -> Void
    ) throws {
        let number = orders[try change(order, fact)].number
        let known = try refunds.index(of: id) { try store.refund($0, of: number) }
        guard let place = known else {
            throw failure(fact, "refund \(id) is unknown")
        }
        try check(refunds[place].orderNumber, is: number, fact)
        body(&refunds[place])
        refunds[place].updatedAt = fact.recordedAt
    }

    // MARK: Both

    /// Changes the payment of an order.
    ///
    /// - Returns: the order's place.
    @discardableResult
    private mutating func settle(
        _ payment: PaymentID, _ order: OrderID, _ fact: Fact, _ body: (inout PaymentRow) -> Void
    ) throws -> Int {
        let place = try change(order, fact)
        guard orders[place].progress.payment?.id == payment else {
            throw failure(fact, "payment \(payment) is unknown")
        }
        orders[place].progress.payment?.change(at: fact.recordedAt, body)
        return place
    }

    /// What is in this run's memory is found by its id alone, what is stored only under its order: an event
    /// that mixes two orders must be refused either way, or a rebuild would differ from the live model.
    func check(_ order: Int64, is wanted: Int64, _ fact: Fact) throws {
        guard order == wanted else {
            throw failure(fact, "it names order \(wanted) and what belongs to order \(order)")
        }
    }
}

extension PaymentRow {
    fileprivate mutating func change(at instant: Instant, _ body: (inout PaymentRow) -> Void) {
        body(&self)
        updatedAt = instant
    }
}
