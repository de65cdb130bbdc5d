import DaybookCore
import DaybookDecisions

/// What an event says of an order's payment, as far as the answer to a request depends on it.
///
/// Answers carry these instead of events: an event is allocated by the writer, and what is freed by another
/// thread than made it costs both of them most.
struct PaymentStep: Sendable {
    var order: OrderID
    var kind: Kind

    enum Kind: Sendable {
        case authorized
        case captureRequested
        case captured
        case outcomeUnknown
        /// The charge itself, not a later capture.
        indirect case declined(code: String, reason: String)
        indirect case mismatched(expected: Money, actual: Money)
    }

    /// `nil` for events that change no answer.
    init?(_ event: Event) {
        switch event {
        case .paymentAuthorized(let event):
            order = event.orderID
            kind = .authorized
        case .paymentCaptureRequested(let event):
            order = event.orderID
            kind = .captureRequested
        case .paymentCaptured(let event):
            order = event.orderID
            kind = .captured
        case .paymentOutcomeUnknown(let event):
            order = event.orderID
            kind = .outcomeUnknown
        case .paymentDeclined(let event) where event.captureID == nil:
            order = event.orderID
            kind = .declined(code: event.code, reason: event.reason)
        case .paymentAmountMismatchDetected(let event):
            order = event.orderID
            kind = .mismatched(expected: event.expected, actual: event.actual)
        default: return nil
        }
    }
}
