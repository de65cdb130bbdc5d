import DaybookCore
import DaybookDecisions
import DaybookTestKit

// The bank as it may answer: rightly, late, again, in any order, and sometimes with a wrong amount.
extension ShopCommands {
    func payments(of orders: [OrderPlaced]) -> Generator<PreparedCommand> {
        let ids = orders.map(\.orderID)
        let paid = likely(ids) { $0.payment?.receivedMinor ?? 0 > 0 }
        let authorised = likely(ids) { $0.payment?.charge == .authorized }
        return Generator { choices in
            let kind = try choices.below(4, .weights([4, 3, 2, 1]))
            let order = state.order(try (kind == 0 ? paid : authorised).draw(from: choices))
            guard let order else { throw Discard(reason: "no such order") }
            let payment = order.payment?.id ?? PaymentID(rawValue: 1)
            if kind == 3 { return .voidPayment(VoidPayment(payment: payment)) }
            if kind == 2 { return .capturePayment(CapturePayment(payment: payment)) }
            let amount = try amounts(around: order.payableMinor).draw(from: choices)
            let money = Money(minor: amount, currency: order.currency)
            return kind == 1
                ? .capturePayment(CapturePayment(payment: payment, amount: money))
                : .refundPayment(
                    RefundPayment(payment: payment, amount: money, reason: "complaint"))
        }
    }

    /// The whole amount, or a part, or a little more; the whole is the simplest.
    private func amounts(around whole: Int64) -> Generator<Int64> {
        .integer(in: 0...whole + 10, towards: whole, favouring: [whole + 1, whole / 2, whole - 1])
    }

    /// The bank answers one of the calls that wait.
    func outcomes(of waiting: [PendingIntent]) -> Generator<PreparedCommand> {
        let calls = waiting.filter { !$0.isMail }
        return Generator { choices in
            let call = calls[try choices.below(calls.count)]
            // The right answer, a no, nobody knows, never heard of it, and a wrong amount.
            let answer = try choices.below(5, .weights([12, 4, 3, 1, 1]))
            return ShopCommands.answer(answer, to: call.kind) ?? .reconcilePayments(.init())
        }
    }

    private static func answer(_ answer: Int, to call: PendingIntent.Kind) -> PreparedCommand? {
        func record(
            _ payment: PaymentID, _ call: PaymentCall, _ right: PaymentOutcome,
            wrong: PaymentOutcome
        ) -> PreparedCommand {
            let outcomes: [PaymentOutcome] = [
                right, .declined(code: "no", reason: "no"), .unknown(cause: "time-out"),
                .neverReceived, wrong,
            ]
            return .recordPaymentOutcome(
                RecordPaymentOutcome(payment: payment, call: call, outcome: outcomes[answer]))
        }
        switch call {
        case .charge(let charge):
            let name = bankName(of: charge.orderID)
            let wrong = Money(minor: charge.amount.minor + 1, currency: charge.amount.currency)
            return record(
                charge.paymentID, .charge(attempt: charge.attempt),
                charge.captureMode == .automatic
                    ? .captured(reference: name, amount: charge.amount)
                    : .authorized(reference: name, amount: charge.amount, expiresAt: nil),
                wrong: .captured(reference: name, amount: wrong))
        case .capture(let capture):
            let wrong = Money(minor: capture.amount.minor + 1, currency: capture.amount.currency)
            return record(
                capture.paymentID, .capture(capture.captureID),
                .captured(reference: capture.reference, amount: capture.amount),
                wrong: .captured(reference: capture.reference, amount: wrong))
        case .void(let void):
            let voided = PaymentOutcome.voided(reference: void.reference)
            return record(void.paymentID, .void, voided, wrong: voided)
        case .refund(let refund):
            let refunded = PaymentOutcome.refunded(
                reference: refund.reference, amount: refund.amount)
            return record(refund.paymentID, .refund(refund.refundID), refunded, wrong: refunded)
        case .mail: return nil
        }
    }

    /// The bank's name for an order's payment.
    static func bankName(of order: OrderID) -> String { "ch_\(order)" }

    /// Messages of the bank's own accord, by our key or by its own name.
    func messages(_ orders: [OrderPlaced]) -> Generator<PreparedCommand> {
        Generator { choices in
            let order = orders[try choices.below(orders.count)]
            let kinds: [GatewayEventKind] = [
                .captured, .authorized, .declined, .voided, .refunded, .refundFailed,
            ]
            let kind = kinds[try choices.below(6, .weights([5, 3, 3, 1, 1, 1]))]
            let isOurKey = try !choices.happens(1, in: 3)
            let number = try choices.below(6)
            let isWrong = try choices.happens(1, in: 8)
            return ShopCommands.message(
                kind, of: order.orderID, id: "evt-\(number)", isOurKey: isOurKey,
                amount: Money(
                    minor: order.payableMinor + (isWrong ? 1 : 0), currency: order.currency))
        }
    }

    static func message(
        _ kind: GatewayEventKind, of order: OrderID, id: String, isOurKey: Bool, amount: Money?
    ) -> PreparedCommand {
        let key = GatewayKey.charge(order, attempt: 1).description
        return .ingestGatewayEvent(
            IngestGatewayEvent(
                providerEventID: id, kind: kind,
                reference: isOurKey ? key : bankName(of: order),
                paymentReference: isOurKey ? bankName(of: order) : nil, amount: amount,
                occurredAt: ShopWorkload.opened, digest: .zero))
    }
}

extension PendingIntent {
    var isMail: Bool {
        if case .mail = kind { true } else { false }
    }
}
