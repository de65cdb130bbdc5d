import DaybookCore

/// What the gateway said about a payment, from whichever side it came.
struct PaymentNews: Hashable, Sendable {
    /// The call that it answers; `nil` when only the payment is known.
    var call: PaymentCall?
    var outcome: PaymentOutcome
}

/// What a payment's news lead to.
///
/// Replies, messages and answers to questions all come through here, in any order and more than once.
/// Each changes the state at most once: what is known already, what came too late and what contradicts
/// a settled outcome leads to no event (DOMAIN 3.4, G-8, G-9).
enum PaymentSettlement {
    static func events(
        after news: PaymentNews, of order: OrderState, in context: inout DecisionContext
    ) -> [Event] {
        guard let payment = order.payment else { return [] }
        switch news.outcome {
        case .authorized(let reference, let amount, let expiresAt):
            return authorized(
                payment, of: order,
                as: PaymentAuthorized(
                    paymentID: payment.id, orderID: order.id, attempt: payment.attempt,
                    reference: reference, amount: amount, expiresAt: expiresAt))
        case .captured(let reference, let amount):
            return captured(
                payment, of: order, call: news.call, amount: amount, reference: reference,
                in: &context)
        case .declined(let code, let reason):
            return declined(payment, of: order, call: news.call, code: code, reason: reason)
        case .voided(let reference): return voided(payment, of: order, reference: reference)
        case .refunded(let reference, let amount):
            return refunded(
                payment, of: order, call: news.call, amount: amount, reference: reference)
        case .unknown(let cause) where Mutant.timeoutTakenAsDecline.isPlanted:
            return declined(payment, of: order, call: news.call, code: "unknown", reason: cause)
        case .unknown(let cause): return unknown(payment, of: order, call: news.call, cause: cause)
        case .neverReceived: return neverReceived(payment, of: order, call: news.call)
        }
    }

    private static func authorized(
        _ payment: PaymentAccount, of order: OrderState, as event: PaymentAuthorized
    ) -> [Event] {
        let void = Event.paymentVoidRequested(
            PaymentVoidRequested(
                paymentID: payment.id, orderID: order.id, reference: event.reference))
        switch payment.charge {
        case .inFlight, .unknown:
            if order.closure != .open { return [.paymentAuthorized(event), void] }
            let expected = Money(minor: payment.requestedMinor, currency: order.currency)
            guard event.amount == expected else {
                return [
                    .paymentAuthorized(event),
                    mismatch(payment, of: order, expected, event.amount, event.reference),
                ]
            }
            return [.paymentAuthorized(event)]
        case .declined:
            // Given up already, its stock released: what is held now is given back.
            return payment.voidRequestedAt == nil && payment.reference.isEmpty ? [void] : []
        case .authorized, .captured, .voided, .mismatched: return []
        }
    }

    private static func declined(
        _ payment: PaymentAccount, of order: OrderState, call: PaymentCall?, code: String,
        reason: String
    ) -> [Event] {
        func declined(capture: CaptureID?) -> Event {
            .paymentDeclined(
                PaymentDeclined(
                    paymentID: payment.id, orderID: order.id, attempt: payment.attempt,
                    code: code, reason: reason, captureID: capture))
        }
        switch call {
        case .void: return []  // Not an outcome: the payment is asked for and that is recorded.
        case .refund(let refund): return refundFailed(refund, of: payment, order, code: code)
        case .capture(let id) where payment.capture?.id != id: return []
        case .capture, .charge, nil: break
        }
        if let capture = payment.capture {
            guard order.closure != .open, payment.receivedMinor == 0 else {
                return [declined(capture: capture.id)]
            }
            // The closed order waited for this capture; what is still held is given back now.
            return [
                declined(capture: capture.id),
                .paymentVoidRequested(
                    PaymentVoidRequested(
                        paymentID: payment.id, orderID: order.id, reference: payment.reference)),
            ]
        }
        guard payment.isChargeInFlight(order.captureMode) || Mutant.declinedAfterCapture.isPlanted
        else { return [] }
        let kept = order.keptLines
        let released = Event.stockReleased(
            StockReleased(orderID: order.id, lines: kept, reason: .declined))
        return kept.isEmpty || PlantedBug.stockKeptAfterDecline.isPlanted
            ? [declined(capture: nil)] : [declined(capture: nil), released]
    }

    private static func voided(
        _ payment: PaymentAccount, of order: OrderState, reference: String
    ) -> [Event] {
        guard payment.receivedMinor == 0, payment.capture == nil else { return [] }
        switch payment.charge {
        case .inFlight, .unknown, .authorized: break
        case .declined where payment.voidRequestedAt != nil: break
        case .declined, .captured, .voided, .mismatched: return []
        }
        return [
            .paymentVoided(
                PaymentVoided(paymentID: payment.id, orderID: order.id, reference: reference))
        ]
    }

    private static func unknown(
        _ payment: PaymentAccount, of order: OrderState, call: PaymentCall?, cause: String
    ) -> [Event] {
        let isNews: Bool
        switch call {
        case .void, .refund: isNews = false  // Asked again under the same key; nothing is held up.
        case .capture(let id):
            isNews = payment.capture?.id == id && payment.capture?.isUnknown == false
        case .charge, nil: isNews = payment.charge == .inFlight
        }
        guard isNews else { return [] }
        return [
            .paymentOutcomeUnknown(
                PaymentOutcomeUnknown(
                    paymentID: payment.id, orderID: order.id, attempt: payment.attempt,
                    cause: cause))
        ]
    }

    /// The provider knows nothing of the key. An open order still wants the call, so it is made again;
    /// a closed one does not, and the attempt ends as declined.
    private static func neverReceived(
        _ payment: PaymentAccount, of order: OrderState, call: PaymentCall?
    ) -> [Event] {
        guard order.closure != .open else { return [] }
        return declined(
            payment, of: order, call: call, code: "not_received",
            reason: "The provider never received the call, and the order is closed.")
    }

    static func mismatch(
        _ payment: PaymentAccount, of order: OrderState, _ expected: Money, _ actual: Money,
        _ reference: String
    ) -> Event {
        .paymentAmountMismatchDetected(
            PaymentAmountMismatchDetected(
                paymentID: payment.id, orderID: order.id, expected: expected, actual: actual,
                reference: reference))
    }
}
