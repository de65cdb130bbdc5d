import DaybookCore

extension PaymentAccount {
    /// Folds an event of this payment. Total: what does not fit the state changes nothing.
    mutating func apply(_ event: Event, at position: LogPosition, currency: Currency) {
        switch event {
        case .paymentRequested(let event): request(event, at: position)
        case .paymentAuthorized(let event):
            reference = event.reference
            authorizedMinor = event.amount.minor
            authorizationExpiresAt = event.expiresAt
            charge = .authorized
        case .paymentCaptureRequested(let event):
            capture = CaptureInFlight(
                id: event.captureID, amountMinor: event.amount.minor, position: position)
        case .paymentCaptured(let event):
            reference = event.reference
            capturedMinor &+= event.amount.minor
            charge = .captured
            capture = nil
            voidRequestedAt = nil
        case .paymentDeclined(let event):
            if event.captureID != nil {
                capture = nil
            } else {
                charge = .declined
            }
        case .paymentOutcomeUnknown:
            if capture != nil {
                capture?.isUnknown = true
            } else if charge == .inFlight {
                charge = .unknown
            }
        case .paymentVoidRequested(let event):
            voidRequestedAt = position
            reference = event.reference
        case .paymentVoided(let event):
            voidRequestedAt = nil
            reference = event.reference
            // A declined charge whose late authorisation was given back stays declined.
            if charge != .declined { charge = .voided }
        case .refundRequested, .refundSucceeded, .refundFailed: applyRefund(event, at: position)
        case .latePaymentReceived(let event):
            receiveStray(event.actual, reference: event.reference, currency: currency)
        case .paymentAmountMismatchDetected(let event):
            applyMismatch(event, currency: currency)
        default: break
        }
    }

    private mutating func request(_ event: PaymentRequested, at position: LogPosition) {
        attempt = event.attempt
        requestedMinor = event.amount.minor
        requestedAt = position
        givenGatewayKey = event.gatewayKey
        charge = .inFlight
    }

    private mutating func receiveStray(_ money: Money, reference: String, currency: Currency) {
        self.reference = reference
        if money.currency == currency { strayMinor &+= money.minor } else { isHeld = true }
        capture = nil
        voidRequestedAt = nil
        // Declined stays declined: the order was given up, and the money only passes through.
        if charge != .declined { charge = .captured }
    }

    private mutating func applyMismatch(
        _ event: PaymentAmountMismatchDetected, currency: Currency
    ) {
        isHeld = true
        let isCharge = charge == .inFlight || charge == .unknown
        // Only a charge or capture in flight brought money; otherwise the figures alone disagree.
        guard isCharge || capture != nil else { return }
        reference = event.reference
        if event.actual.currency == currency { strayMinor &+= event.actual.minor }
        capture = nil
        if isCharge { charge = .mismatched }
    }

    private mutating func applyRefund(_ event: Event, at position: LogPosition) {
        switch event {
        case .refundRequested(let event):
            refunds.append(
                RefundState(
                    id: event.refundID, amountMinor: event.amount.minor, position: position))
        case .refundSucceeded(let event):
            settle(event.refundID, as: .succeeded, amountMinor: event.amount.minor)
        case .refundFailed(let event): settle(event.refundID, as: .failed, amountMinor: nil)
        default: break
        }
    }

    private mutating func settle(
        _ id: RefundID, as progress: RefundState.Progress, amountMinor: Int64?
    ) {
        guard let index = refunds.firstIndex(where: { $0.id == id }) else { return }
        refunds[index].progress = progress
        if let amountMinor { refunds[index].amountMinor = amountMinor }
    }
}
