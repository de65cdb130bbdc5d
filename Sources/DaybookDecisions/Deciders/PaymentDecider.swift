import DaybookCore

/// What may be asked of the gateway about a payment after the charge.
enum PaymentDecider {
    static func capture(
        _ command: CapturePayment, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let (order, payment) = try shop.findOrder(of: command.payment)
        guard order.closure == .open, !order.isHeld, payment.capture == nil else {
            throw order.illegal(CapturePayment.name)
        }
        return try requestCapture(
            of: payment, for: order, amount: command.amount, command: CapturePayment.name,
            in: &context)
    }

    /// The capture of an amount, or of all that is left of the authorisation.
    static func requestCapture(
        of payment: PaymentAccount, for order: OrderState, amount: Money?, command: String,
        in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        if payment.isChargeInFlight(order.captureMode) { throw .paymentInFlight(order.id) }
        guard payment.authorizedMinor > 0, payment.voidRequestedAt == nil,
            payment.charge == .authorized || payment.charge == .captured
        else { throw order.illegal(command) }
        if let expiry = payment.authorizationExpiresAt, expiry < context.now {
            throw .authorizationExpired(payment.id, at: expiry)
        }
        let left = Money(
            minor: payment.authorizedMinor - payment.capturedMinor, currency: order.currency)
        let wanted = amount ?? left
        guard wanted.currency == order.currency else {
            throw .currencyMismatch(expected: order.currency, actual: wanted.currency)
        }
        guard left.minor > 0 else { throw order.illegal(command) }
        try checkPositive(wanted)
        guard wanted.minor <= left.minor || Mutant.capturedBeyondAuthorised.isPlanted else {
            throw .amountExceedsAuthorized(limit: left, amount: wanted)
        }
        return [
            .paymentCaptureRequested(
                PaymentCaptureRequested(
                    paymentID: payment.id, orderID: order.id,
                    captureID: context.identifiers.make(), amount: wanted,
                    reference: payment.reference))
        ]
    }

    static func void(_ command: VoidPayment, given shop: Shop) throws(Rejection) -> [Event] {
        let (order, payment) = try shop.findOrder(of: command.payment)
        if payment.charge == .voided || payment.voidRequestedAt != nil { return [] }
        let events = voiding(payment, of: order)
        guard !events.isEmpty else {
            if payment.isChargeInFlight(order.captureMode) { throw .paymentInFlight(order.id) }
            throw order.illegal(VoidPayment.name)
        }
        return events
    }

    static func refund(
        _ command: RefundPayment, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let (order, payment) = try shop.findOrder(of: command.payment)
        guard command.amount.currency == order.currency else {
            throw .currencyMismatch(expected: order.currency, actual: command.amount.currency)
        }
        try checkPositive(command.amount)
        let pending = Mutant.pendingRefundForgotten.isPlanted ? payment.refundPendingMinor : 0
        guard
            command.amount.minor <= payment.refundableMinor + pending
                || Mutant.refundUncapped.isPlanted
        else {
            throw .amountExceedsCaptured(
                limit: Money(minor: payment.refundableMinor, currency: order.currency),
                amount: command.amount)
        }
        return [
            refundRequested(
                command.amount, of: payment, order: order.id, reason: command.reason,
                in: &context)
        ]
    }

    private static func checkPositive(_ amount: Money) throws(Rejection) {
        guard amount.minor > 0 else {
            throw .validationFailed([
                FieldProblem(field: "amount", problem: "must be more than zero")
            ])
        }
    }
}

// MARK: - Giving back

extension PaymentDecider {
    /// What closing an order asks of its payment: all received money back, or the authorisation void.
    static func givingBack(
        _ payment: PaymentAccount, of order: OrderState, reason: String,
        in context: inout DecisionContext
    ) -> [Event] {
        guard payment.refundableMinor > 0 else { return voiding(payment, of: order) }
        let amount = Money(minor: payment.refundableMinor, currency: order.currency)
        return [
            refundRequested(amount, of: payment, order: order.id, reason: reason, in: &context)
        ]
    }

    /// The void of an authorisation of which nothing was taken and nothing is being taken.
    static func voiding(_ payment: PaymentAccount, of order: OrderState) -> [Event] {
        guard payment.charge == .authorized, payment.receivedMinor == 0, payment.capture == nil,
            payment.voidRequestedAt == nil
        else { return [] }
        return [
            .paymentVoidRequested(
                PaymentVoidRequested(
                    paymentID: payment.id, orderID: order.id, reference: payment.reference))
        ]
    }

    static func refundRequested(
        _ amount: Money, of payment: PaymentAccount, order: OrderID, reference: String? = nil,
        reason: String, in context: inout DecisionContext
    ) -> Event {
        .refundRequested(
            RefundRequested(
                paymentID: payment.id, orderID: order, refundID: context.identifiers.make(),
                amount: amount, reason: reason,
                paymentReference: reference ?? payment.reference))
    }
}
