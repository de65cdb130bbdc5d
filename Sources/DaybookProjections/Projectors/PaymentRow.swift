internal import DaybookCore
internal import DaybookDecisions

/// The payment of an order: the last columns of `stored_orders`, and a row of the view `payments`.
///
/// Its rules are those of the decider's `PaymentAccount`; a test holds both against each other.
struct PaymentRow {
    /// How far the charge has come.
    enum Charge: String, CaseIterable, StoredWord {
        case inFlight = "in_flight"
        case captured, unknown, authorized, declined, voided, mismatched

        static let stored = allCases
        var name: String { rawValue }
    }

    /// A call to the provider whose outcome is not recorded yet.
    enum Call: String, CaseIterable, StoredWord {
        case charge, capture, void

        static let stored = allCases
        var name: String { rawValue }
    }

    var id: PaymentID
    var attempt: Int64
    var charge = Charge.inFlight
    var captureMode: CaptureMode
    var currency: String
    var amount: Int64
    var authorized: Int64 = 0
    var captured: Int64 = 0
    var stray: Int64 = 0
    var refunded: Int64 = 0
    var isHeld = false
    var reference: String?
    var failureCode: String?
    var failureReason: String?
    var authorizationExpiresAt: Instant?
    var requestedAt: Instant
    var captureRequestedAt: Instant?
    var isCaptureUnknown = false
    var voidRequestedAt: Instant?
    var updatedAt: Instant
}

// MARK: - Derived

extension PaymentRow {
    var received: Int64 { captured &+ stray }

    /// The state of the payment axis.
    var state: PaymentState {
        if received > 0 {
            if refunded > 0 { return refunded >= received ? .refunded : .partiallyRefunded }
            if isHeld { return .unknown }
            return received >= amount ? .captured : .partiallyCaptured
        }
        if isHeld || isCaptureUnknown { return .unknown }
        return switch charge {
        case .inFlight: .pending
        case .unknown, .mismatched: .unknown
        case .authorized: .authorized
        case .captured: .captured
        case .declined: .declined
        case .voided: .voided
        }
    }

    /// The call that is waited for, the one that may bring money first.
    var inFlight: (call: Call, since: Instant)? {
        if let captureRequestedAt { return (.capture, captureRequestedAt) }
        if isChargeInFlight { return (.charge, requestedAt) }
        return voidRequestedAt.map { (.void, $0) }
    }

    /// Whether the charge may still bring money without anybody asking again. An automatic charge
    /// that was only authorised so far is still on its way.
    private var isChargeInFlight: Bool {
        switch charge {
        case .inFlight, .unknown: true
        case .authorized:
            captureMode == .automatic && received == 0 && voidRequestedAt == nil
        case .captured, .declined, .voided, .mismatched: false
        }
    }

    mutating func endCapture() {
        captureRequestedAt = nil
        isCaptureUnknown = false
    }
}
