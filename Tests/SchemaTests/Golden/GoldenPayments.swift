import DaybookCore
import DaybookDecisions

private let noPayment = PaymentID(rawValue: 0)
private let noOrder = OrderID(rawValue: 0)

extension GoldenEvent {
    static let payments: [GoldenEvent] = charges + captures + voids

    private static let charges: [GoldenEvent] =
        goldens(
            minimal: .paymentRequested(
                PaymentRequested(
                    paymentID: noPayment, orderID: noOrder, attempt: 0, amount: nothing,
                    captureMode: .automatic)),
            full: .paymentRequested(
                PaymentRequested(
                    paymentID: payment, orderID: order, attempt: 2, amount: price,
                    captureMode: .manual, gatewayKey: "charge-1-2")),
            extremes: .paymentRequested(
                PaymentRequested(
                    paymentID: payment, orderID: order, attempt: .max, amount: mostMoney,
                    captureMode: .manual, gatewayKey: "")))
        + goldens(
            minimal: .paymentAuthorized(
                PaymentAuthorized(
                    paymentID: noPayment, orderID: noOrder, attempt: 0, reference: "",
                    amount: nothing)),
            full: .paymentAuthorized(
                PaymentAuthorized(
                    paymentID: payment, orderID: order, attempt: 1, reference: "pi_123",
                    amount: price, expiresAt: instant)),
            extremes: .paymentAuthorized(
                PaymentAuthorized(
                    paymentID: payment, orderID: order, attempt: .min, reference: oddText,
                    amount: leastMoney, expiresAt: Instant(microseconds: 0))))
        + goldens(
            minimal: .paymentDeclined(
                PaymentDeclined(
                    paymentID: noPayment, orderID: noOrder, attempt: 0, code: "", reason: "")),
            full: .paymentDeclined(
                PaymentDeclined(
                    paymentID: payment, orderID: order, attempt: 1, code: "insufficient_funds",
                    reason: "The card has insufficient funds.", captureID: capture)),
            extremes: .paymentDeclined(
                PaymentDeclined(
                    paymentID: payment, orderID: order, attempt: -1, code: oddText,
                    reason: longText)))
        + goldens(
            minimal: .paymentOutcomeUnknown(
                PaymentOutcomeUnknown(
                    paymentID: noPayment, orderID: noOrder, attempt: 0, cause: "")),
            full: .paymentOutcomeUnknown(
                PaymentOutcomeUnknown(
                    paymentID: payment, orderID: order, attempt: 1, cause: "timeout")),
            extremes: .paymentOutcomeUnknown(
                PaymentOutcomeUnknown(
                    paymentID: payment, orderID: order, attempt: .max, cause: oddText)))

    private static let captures: [GoldenEvent] =
        goldens(
            minimal: .paymentCaptureRequested(
                PaymentCaptureRequested(
                    paymentID: noPayment, orderID: noOrder, captureID: CaptureID(rawValue: 0),
                    amount: nothing, reference: "")),
            full: .paymentCaptureRequested(
                PaymentCaptureRequested(
                    paymentID: payment, orderID: order, captureID: capture, amount: price,
                    reference: "pi_123")),
            extremes: .paymentCaptureRequested(
                PaymentCaptureRequested(
                    paymentID: payment, orderID: order, captureID: CaptureID(rawValue: .max),
                    amount: mostMoney, reference: longText)))
        + goldens(
            minimal: .paymentCaptured(
                PaymentCaptured(
                    paymentID: noPayment, orderID: noOrder, amount: nothing, reference: "")),
            full: .paymentCaptured(
                PaymentCaptured(
                    paymentID: payment, orderID: order, captureID: capture, amount: price,
                    reference: "pi_123")),
            extremes: .paymentCaptured(
                PaymentCaptured(
                    paymentID: payment, orderID: order, captureID: CaptureID(rawValue: 0),
                    amount: leastMoney, reference: oddText)))

    private static let voids: [GoldenEvent] =
        goldens(
            minimal: .paymentVoidRequested(
                PaymentVoidRequested(paymentID: noPayment, orderID: noOrder, reference: "")),
            full: .paymentVoidRequested(
                PaymentVoidRequested(paymentID: payment, orderID: order, reference: "pi_123")),
            extremes: .paymentVoidRequested(
                PaymentVoidRequested(paymentID: payment, orderID: order, reference: oddText)))
        + goldens(
            minimal: .paymentVoided(
                PaymentVoided(paymentID: noPayment, orderID: noOrder, reference: "")),
            full: .paymentVoided(
                PaymentVoided(paymentID: payment, orderID: order, reference: "pi_123")),
            extremes: .paymentVoided(
                PaymentVoided(paymentID: payment, orderID: order, reference: longText)))
}
