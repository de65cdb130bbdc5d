package import DaybookCore

/// How far the charge of a payment has come.
package enum ChargeState: Int32, Hashable, Sendable {
    /// Asked for; no outcome yet.
    case inFlight = 1
    /// Asked for; nobody knows what became of it.
    case unknown = 2
    case authorized = 3
    case captured = 4
    case declined = 5
    case voided = 6
    /// The provider moved another amount than was asked.
    case mismatched = 7
}

/// A capture that was asked for and has no outcome.
package struct CaptureInFlight: Hashable, Sendable {
    package let id: CaptureID
    package let amountMinor: Int64
    package let position: LogPosition
    package var isUnknown = false
}

/// One refund of a payment.
package struct RefundState: Hashable, Sendable {
    package enum Progress: Int32, Hashable, Sendable {
        case requested = 1
        case succeeded = 2
        case failed = 3
    }

    package let id: RefundID
    package var amountMinor: Int64
    package let position: LogPosition
    package var progress = Progress.requested
}

/// The money side of one order: what was asked of the gateway and what came of it.
package struct PaymentAccount: Hashable, Sendable {
    package let id: PaymentID
    package internal(set) var attempt: Int32
    package internal(set) var requestedMinor: Int64
    package internal(set) var requestedAt: LogPosition
    /// Only where it is not the derived one.
    package internal(set) var givenGatewayKey: String?
    package internal(set) var charge = ChargeState.inFlight
    /// The provider's name for the payment; empty until it is known.
    package internal(set) var reference = ""
    package internal(set) var authorizedMinor: Int64 = 0
    package internal(set) var authorizationExpiresAt: Instant?
    package internal(set) var capturedMinor: Int64 = 0
    /// Money that is here without being owed: it came too late or in the wrong amount.
    package internal(set) var strayMinor: Int64 = 0
    /// A person must look: the provider's figures are not ours.
    package internal(set) var isHeld = false
    package internal(set) var capture: CaptureInFlight?
    package internal(set) var voidRequestedAt: LogPosition?
    package internal(set) var refunds: [RefundState] = []

    package var receivedMinor: Int64 { capturedMinor &+ strayMinor }
    package var refundedMinor: Int64 { refundTotal(.succeeded) }
    package var refundPendingMinor: Int64 { refundTotal(.requested) }
    /// What may still be asked back.
    package var refundableMinor: Int64 { receivedMinor &- refundedMinor &- refundPendingMinor }

    private func refundTotal(_ progress: RefundState.Progress) -> Int64 {
        refunds.reduce(0) { $1.progress == progress ? $0 &+ $1.amountMinor : $0 }
    }

    /// Whether the charge may still bring money without anybody asking again. An automatic charge that
    /// was only authorised so far is still on its way.
    package func isChargeInFlight(_ mode: CaptureMode) -> Bool {
        switch charge {
        case .inFlight, .unknown: true
        case .authorized:
            mode == .automatic && receivedMinor == 0 && capture == nil && voidRequestedAt == nil
        case .captured, .declined, .voided, .mismatched: false
        }
    }

    /// Whether any call to the gateway has no outcome.
    package func hasIntent(_ mode: CaptureMode) -> Bool {
        isChargeInFlight(mode) || capture != nil || voidRequestedAt != nil
            || refunds.contains { $0.progress == .requested }
    }

    /// The state of the payment axis.
    package var state: PaymentState {
        let received = receivedMinor
        if received > 0 {
            let refunded = refundedMinor
            if refunded > 0 { return refunded >= received ? .refunded : .partiallyRefunded }
            if isHeld { return .unknown }
            return received >= requestedMinor ? .captured : .partiallyCaptured
        }
        if isHeld || capture?.isUnknown == true { return .unknown }
        return switch charge {
        case .inFlight: .pending
        case .unknown, .mismatched: .unknown
        case .authorized: .authorized
        case .captured: .captured
        case .declined: .declined
        case .voided: .voided
        }
    }
}
