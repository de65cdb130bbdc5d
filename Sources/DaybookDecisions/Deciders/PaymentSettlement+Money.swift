import DaybookCore

/// News of money that moved.
extension PaymentSettlement {
    /// Money came: the one that was asked for, or a wrong amount, or too late.
    static func captured(
        _ payment: PaymentAccount, of order: OrderState, call: PaymentCall?, amount: Money,
        reference: String, in context: inout DecisionContext
    ) -> [Event] {
        let isGivenUp =
            order.closure != .open || payment.charge == .declined || payment.charge == .voided
        // A capture that was given up while its call was still on the way has taken the money.
        let isLost = isGivenUp && payment.receivedMinor == 0
        if case .capture(let id) = call, payment.capture?.id != id, !isLost { return [] }
        guard let expected = expectedAmount(payment, of: order, actual: amount) else { return [] }
        if isGivenUp {
            if PlantedBug.latePaymentIgnored.isPlanted { return [] }
            return late(
                payment, of: order, expected: expected, actual: amount, reference: reference,
                in: &context)
        }
        guard amount == expected || Mutant.anyAmountAccepted.isPlanted else {
            return [mismatch(payment, of: order, expected, amount, reference)]
        }
        var events: [Event] = []
        events.reserveCapacity(2)
        events.append(
            .paymentCaptured(
                PaymentCaptured(
                    paymentID: payment.id, orderID: order.id, captureID: payment.capture?.id,
                    amount: amount, reference: reference)))
        if payment.capturedMinor &+ amount.minor >= order.payableMinor
            || Mutant.confirmedBeforePaid.isPlanted
        {
            MailPolicy().add(
                mailAfter: .paidInFull(
                    order: order.id, user: order.userID, isImported: order.isImported,
                    isConfirmationRequested: order.isConfirmationRequested), to: &events,
                in: &context)
        }
        return events
    }

    /// What was asked for, if this money can be its answer; `nil` for money that is known already.
    private static func expectedAmount(
        _ payment: PaymentAccount, of order: OrderState, actual: Money
    ) -> Money? {
        func money(_ minor: Int64) -> Money { Money(minor: minor, currency: order.currency) }
        if let capture = payment.capture { return money(capture.amountMinor) }
        if Mutant.moneyRecordedTwice.isPlanted { return money(payment.requestedMinor) }
        guard payment.receivedMinor == 0 else { return nil }
        switch payment.charge {
        case .inFlight, .unknown, .declined, .voided: return money(payment.requestedMinor)
        case .authorized:
            // Captured at the provider without our asking; a part of what is held is a right amount.
            let held = money(payment.authorizedMinor)
            let isPart = actual.currency == held.currency && (1...held.minor).contains(actual.minor)
            return order.captureMode == .manual && isPart ? actual : held
        case .captured, .mismatched: return nil
        }
    }

    /// Money for an order that was given up: it is recorded and goes back (T-15).
    private static func late(
        _ payment: PaymentAccount, of order: OrderState, expected: Money, actual: Money,
        reference: String, in context: inout DecisionContext
    ) -> [Event] {
        var events: [Event] = [
            .latePaymentReceived(
                LatePaymentReceived(
                    paymentID: payment.id, orderID: order.id, expected: expected, actual: actual,
                    reference: reference))
        ]
        if actual.minor > 0 {
            events.append(
                PaymentDecider.refundRequested(
                    Mutant.lateRefundOfExpected.isPlanted ? expected : actual, of: payment,
                    order: order.id, reference: reference,
                    reason: "payment arrived after the order was closed", in: &context))
        }
        return events
    }

    /// Money went back: the refund that was asked for, named by its id or found by its amount.
    static func refunded(
        _ payment: PaymentAccount, of order: OrderState, call: PaymentCall?, amount: Money,
        reference: String
    ) -> [Event] {
        let inFlight = payment.refunds.filter {
            $0.progress == .requested || Mutant.refundSettledTwice.isPlanted
        }
        let refund: RefundState?
        if case .refund(let id) = call {
            refund = inFlight.first { $0.id == id }
        } else {
            refund = inFlight.first { $0.amountMinor == amount.minor }
        }
        guard let refund else { return [] }
        let expected = Money(minor: refund.amountMinor, currency: order.currency)
        let succeeded = Event.refundSucceeded(
            RefundSucceeded(
                paymentID: payment.id, orderID: order.id, refundID: refund.id,
                amount: amount.currency == order.currency ? amount : expected,
                reference: reference))
        return amount == expected
            ? [succeeded]
            : [succeeded, mismatch(payment, of: order, expected, amount, reference)]
    }

    /// The provider refused to give the money back; it stays captured and may be asked for again.
    static func refundFailed(
        _ id: RefundID, of payment: PaymentAccount, _ order: OrderState, code: String
    ) -> [Event] {
        guard
            let refund = payment.refunds.first(where: { $0.id == id && $0.progress == .requested })
        else { return [] }
        return [
            .refundFailed(
                RefundFailed(
                    paymentID: payment.id, orderID: order.id, refundID: id,
                    amount: Money(minor: refund.amountMinor, currency: order.currency), code: code))
        ]
    }
}
