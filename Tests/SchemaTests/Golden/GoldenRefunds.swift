import DaybookCore
import DaybookDecisions

private let noPayment = PaymentID(rawValue: 0)
private let noOrder = OrderID(rawValue: 0)
private let noRefund = RefundID(rawValue: 0)

extension GoldenEvent {
    /// Refunds, surprises and messages of the provider.
    static let refunds: [GoldenEvent] = ownRefunds + surprises + messages

    private static let ownRefunds: [GoldenEvent] =
        goldens(
            minimal: .refundRequested(
                RefundRequested(
                    paymentID: noPayment, orderID: noOrder, refundID: noRefund, amount: nothing,
                    reason: "", paymentReference: "")),
            full: .refundRequested(
                RefundRequested(
                    paymentID: payment, orderID: order, refundID: refund, amount: price,
                    reason: "damaged", paymentReference: "pi_123")),
            extremes: .refundRequested(
                RefundRequested(
                    paymentID: payment, orderID: order, refundID: refund, amount: mostMoney,
                    reason: oddText, paymentReference: longText)))
        + goldens(
            minimal: .refundSucceeded(
                RefundSucceeded(
                    paymentID: noPayment, orderID: noOrder, refundID: noRefund, amount: nothing,
                    reference: "")),
            full: .refundSucceeded(
                RefundSucceeded(
                    paymentID: payment, orderID: order, refundID: refund, amount: price,
                    reference: "re_123")),
            extremes: .refundSucceeded(
                RefundSucceeded(
                    paymentID: payment, orderID: order, refundID: refund, amount: leastMoney,
                    reference: oddText)))
        + goldens(
            minimal: .refundFailed(
                RefundFailed(
                    paymentID: noPayment, orderID: noOrder, refundID: noRefund, amount: nothing,
                    code: "")),
            full: .refundFailed(
                RefundFailed(
                    paymentID: payment, orderID: order, refundID: refund, amount: price,
                    code: "expired_card")),
            extremes: .refundFailed(
                RefundFailed(
                    paymentID: payment, orderID: order, refundID: refund, amount: mostMoney,
                    code: oddText)))

    private static let surprises: [GoldenEvent] =
        goldens(
            minimal: .paymentAmountMismatchDetected(
                PaymentAmountMismatchDetected(
                    paymentID: noPayment, orderID: noOrder, expected: nothing, actual: nothing,
                    reference: "")),
            full: .paymentAmountMismatchDetected(
                PaymentAmountMismatchDetected(
                    paymentID: payment, orderID: order, expected: price,
                    actual: Money(minor: 255, currency: yen), reference: "pi_123")),
            extremes: .paymentAmountMismatchDetected(
                PaymentAmountMismatchDetected(
                    paymentID: payment, orderID: order, expected: leastMoney, actual: mostMoney,
                    reference: oddText)))
        + goldens(
            minimal: .latePaymentReceived(
                LatePaymentReceived(
                    paymentID: noPayment, orderID: noOrder, expected: nothing, actual: nothing,
                    reference: "")),
            full: .latePaymentReceived(
                LatePaymentReceived(
                    paymentID: payment, orderID: order, expected: price, actual: price,
                    reference: "pi_123")),
            extremes: .latePaymentReceived(
                LatePaymentReceived(
                    paymentID: payment, orderID: order, expected: mostMoney, actual: leastMoney,
                    reference: longText)))

    private static let messages: [GoldenEvent] = goldens(
        minimal: .gatewayEventReceived(
            GatewayEventReceived(
                providerEventID: "", kind: .authorized, reference: "", digest: .zero,
                occurredAt: Instant(microseconds: 0), matched: false)),
        full: .gatewayEventReceived(
            GatewayEventReceived(
                providerEventID: "evt_1", kind: .refundFailed, reference: "pi_123", digest: digest,
                paymentID: payment, amount: price, occurredAt: instant, matched: true)),
        extremes: .gatewayEventReceived(
            GatewayEventReceived(
                providerEventID: oddText, kind: .captured, reference: longText, digest: digest,
                paymentID: PaymentID(rawValue: 0), amount: nothing, occurredAt: firstInstant,
                matched: true)),
        .gatewayEventReceived(
            GatewayEventReceived(
                providerEventID: "evt_2", kind: .declined, reference: "pi_123", digest: digest,
                paymentID: payment, amount: leastMoney, occurredAt: lastInstant, matched: false)))
}
