package import DaybookCore

/// Something the log asks of the outside world and that has no outcome yet.
///
/// The log is the outbox: an intent is found by folding, and is done under the same key after a crash.
package struct PendingIntent: Hashable, Sendable {
    /// The event that asked.
    package var position: LogPosition
    package var kind: Kind
    /// Ask the gateway what became of the key; do not call. So for a call whose outcome is unknown, and
    /// for a charge that its order, closed meanwhile, no longer wants.
    package var isUnknown: Bool

    package var isMail: Bool { if case .mail = kind { true } else { false } }

    package enum Kind: Hashable, Sendable {
        case charge(ChargeIntent)
        case capture(CaptureIntent)
        case void(VoidIntent)
        case refund(RefundIntent)
        case mail(MailRequested)
    }
}

package struct ChargeIntent: Hashable, Sendable {
    package var paymentID: PaymentID
    package var orderID: OrderID
    package var userID: UserID
    package var attempt: Int32
    package var amount: Money
    package var captureMode: CaptureMode
    /// Where it is not the one that follows from the order and the attempt.
    package var givenGatewayKey: String?

    /// Made when it is asked for: by whoever makes the call, and not by the writer.
    package var gatewayKey: String {
        givenGatewayKey ?? GatewayKey.charge(orderID, attempt: attempt).description
    }
}

package struct CaptureIntent: Hashable, Sendable {
    package var paymentID: PaymentID
    package var orderID: OrderID
    package var captureID: CaptureID
    package var amount: Money
    /// The provider's name for the payment.
    package var reference: String
    package var gatewayKey: String
}

package struct VoidIntent: Hashable, Sendable {
    package var paymentID: PaymentID
    package var orderID: OrderID
    /// The provider's name for the payment.
    package var reference: String
    package var gatewayKey: String
}

package struct RefundIntent: Hashable, Sendable {
    package var paymentID: PaymentID
    package var orderID: OrderID
    package var refundID: RefundID
    package var amount: Money
    /// The provider's name for the payment.
    package var reference: String
    package var gatewayKey: String
}

extension OrderState {
    /// Every call to the gateway without an outcome.
    package var pendingIntents: [PendingIntent] {
        guard let payment else { return [] }
        var intents: [PendingIntent] = []
        func add(_ kind: PendingIntent.Kind, at position: LogPosition, isUnknown: Bool = false) {
            intents.append(PendingIntent(position: position, kind: kind, isUnknown: isUnknown))
        }
        func money(_ minor: Int64) -> Money { Money(minor: minor, currency: currency) }
        if let charge = pendingCharge(of: payment) { intents.append(charge) }
        if let capture = payment.capture {
            add(
                .capture(
                    CaptureIntent(
                        paymentID: payment.id, orderID: id, captureID: capture.id,
                        amount: money(capture.amountMinor), reference: payment.reference,
                        gatewayKey: GatewayKey.capture(id, capture.id).description)),
                at: capture.position, isUnknown: capture.isUnknown || closure != .open)
        }
        if let position = payment.voidRequestedAt {
            add(
                .void(
                    VoidIntent(
                        paymentID: payment.id, orderID: id, reference: payment.reference,
                        gatewayKey: GatewayKey.void(id).description)), at: position)
        }
        for refund in payment.refunds where refund.progress == .requested {
            add(
                .refund(
                    RefundIntent(
                        paymentID: payment.id, orderID: id, refundID: refund.id,
                        amount: money(refund.amountMinor), reference: payment.reference,
                        gatewayKey: GatewayKey.refund(id, refund.id).description)),
                at: refund.position)
        }
        return intents
    }

    /// The call that the event at a position asked for, if it still has no outcome.
    func pendingIntent(askedAt position: LogPosition) -> PendingIntent? {
        // The usual one, without making a list of it.
        if let payment, payment.requestedAt == position, let charge = pendingCharge(of: payment) {
            return charge
        }
        return pendingIntents.first { $0.position == position }
    }

    private func pendingCharge(of payment: PaymentAccount) -> PendingIntent? {
        guard payment.isChargeInFlight(captureMode) else { return nil }
        return PendingIntent(
            position: payment.requestedAt, kind: .charge(chargeIntent(of: payment)),
            isUnknown: payment.charge != .inFlight || closure != .open)
    }

    /// Whether the call is still asked for and nothing is known of it.
    func wants(_ intent: PendingIntent) -> Bool {
        // The usual one, without making a list of all.
        if case .charge = intent.kind, let payment, payment.charge == .inFlight {
            return payment.requestedAt == intent.position && closure == .open
        }
        return pendingIntents.contains {
            $0.position == intent.position && $0.kind == intent.kind && !$0.isUnknown
        }
    }

    private func chargeIntent(of payment: PaymentAccount) -> ChargeIntent {
        ChargeIntent(
            paymentID: payment.id, orderID: id, userID: userID, attempt: payment.attempt,
            amount: Money(minor: payment.requestedMinor, currency: currency),
            captureMode: captureMode,
            givenGatewayKey:
                PlantedBug.newGatewayKeyOnRetry.isPlanted && payment.charge == .unknown
                ? GatewayKey.charge(id, attempt: payment.attempt + 1).description
                : payment.givenGatewayKey)
    }
}
