import DaybookCore
import DaybookDecisions

/// What an event says of an order's payment, as far as the answer to a request depends on it.
///
/// Answers carry these instead of events, which the writer allocates: to free them on the callers' threads
/// costs both (ADR 0021).
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
        case .paymentAuthorized: kind = .authorized
        case .paymentCaptureRequested: kind = .captureRequested
        case .paymentCaptured: kind = .captured
        case .paymentOutcomeUnknown: kind = .outcomeUnknown
        case .paymentDeclined(let declined) where declined.captureID == nil:
            kind = .declined(code: declined.code, reason: declined.reason)
        case .paymentAmountMismatchDetected(let mismatch):
            kind = .mismatched(expected: mismatch.expected, actual: mismatch.actual)
        default: return nil
        }
        guard let order = event.orderID else { return nil }
        self.order = order
    }
}
