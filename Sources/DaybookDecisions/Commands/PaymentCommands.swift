public import DaybookCore

/// Takes an authorised amount.
public struct CapturePayment: Hashable, Sendable {
    public static let name = "CapturePayment"
    public var payment: PaymentID
    /// `nil` takes all that is left of the authorisation.
    public var amount: Money?

    public init(payment: PaymentID, amount: Money? = nil) {
        self.payment = payment
        self.amount = amount
    }
}

/// Gives an authorisation back of which nothing was taken.
public struct VoidPayment: Hashable, Sendable {
    public static let name = "VoidPayment"
    public var payment: PaymentID

    public init(payment: PaymentID) {
        self.payment = payment
    }
}

/// Gives captured money back.
public struct RefundPayment: Hashable, Sendable {
    public static let name = "RefundPayment"
    public var payment: PaymentID
    public var amount: Money
    public var reason: String

    public init(payment: PaymentID, amount: Money, reason: String) {
        self.payment = payment
        self.amount = amount
        self.reason = reason
    }
}

/// Takes in one message of the payment provider; its signature was checked at the rim.
public struct IngestGatewayEvent: Hashable, Sendable {
    public static let name = "IngestGatewayEvent"
    /// The provider's id of the message; a repeated one changes nothing.
    public var providerEventID: String
    public var kind: GatewayEventKind
    /// Our ``GatewayKey`` if the message quotes it (always found), else the provider's name for the
    /// payment (found while the order is in memory).
    public var reference: String
    /// The provider's name for the payment, beside a ``reference`` that is our key: after a time-out
    /// a message is where we learn it, and captures, voids and refunds need it.
    public var paymentReference: String?
    public var amount: Money?
    public var occurredAt: Instant
    /// SHA-256 of the message as it came.
    public var digest: Digest

    public init(
        providerEventID: String, kind: GatewayEventKind, reference: String,
        paymentReference: String? = nil, amount: Money?, occurredAt: Instant, digest: Digest
    ) {
        self.paymentReference = paymentReference
        self.providerEventID = providerEventID
        self.kind = kind
        self.reference = reference
        self.amount = amount
        self.occurredAt = occurredAt
        self.digest = digest
    }
}

/// Asks the bank about every call whose outcome is unknown.
///
/// The engine does the asking and hands each answer in as ``RecordPaymentOutcome``; the command itself
/// decides nothing.
public struct ReconcilePayments: Hashable, Sendable {
    public static let name = "ReconcilePayments"

    public init() {}
}

/// Which call to the gateway is meant.
public enum PaymentCall: Hashable, Sendable {
    case charge(attempt: Int32)
    case capture(CaptureID)
    case void
    case refund(RefundID)
}

/// What the gateway said, by reply, by message or when asked.
public enum PaymentOutcome: Hashable, Sendable {
    /// The amount is held for us.
    case authorized(reference: String, amount: Money, expiresAt: Instant?)
    /// The money is ours: the answer to a charge or a capture.
    case captured(reference: String, amount: Money)
    /// The authorisation is gone.
    case voided(reference: String)
    /// The money went back.
    case refunded(reference: String, amount: Money)
    /// No.
    case declined(code: String, reason: String)
    /// Nobody knows: a time-out, a broken connection, an answer that makes no sense.
    case unknown(cause: String)
    /// Asked afterwards, the provider has never heard of the key: the call had no effect and may be
    /// made (again) if the order still wants it.
    case neverReceived
}

/// Records what became of a call to the gateway.
public struct RecordPaymentOutcome: Hashable, Sendable {
    public static let name = "RecordPaymentOutcome"
    public var payment: PaymentID
    public var call: PaymentCall
    public var outcome: PaymentOutcome

    public init(payment: PaymentID, call: PaymentCall, outcome: PaymentOutcome) {
        self.payment = payment
        self.call = call
        self.outcome = outcome
    }
}
