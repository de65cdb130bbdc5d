// Written by Schemas/generate.py from Schemas/payments/v1/events.proto. Edit that, not this.

public import DaybookCore

public enum GatewayEventKind: Int32, Sendable, CaseIterable {
    case authorized = 1
    case captured = 2
    case declined = 3
    case voided = 4
    case refunded = 5
    case refundFailed = 6

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .authorized: "authorized"
        case .captured: "captured"
        case .declined: "declined"
        case .voided: "voided"
        case .refunded: "refunded"
        case .refundFailed: "refund_failed"
        }
    }
}

/// Intent: charge or authorise this amount. The provider's idempotency key is derived from the order
/// and the attempt unless it is given here.
public struct PaymentRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentRequested"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    /// From 1.
    public var attempt: Int32
    public var amount: Money
    public var captureMode: CaptureMode
    public var gatewayKey: String?

    public init(
        paymentID: PaymentID, orderID: OrderID, attempt: Int32, amount: Money,
        captureMode: CaptureMode, gatewayKey: String? = nil
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.attempt = attempt
        self.amount = amount
        self.captureMode = captureMode
        self.gatewayKey = gatewayKey
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, int: Int64(attempt))
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, int: Int64(captureMode.rawValue))
        if let gatewayKey {
            writer.alwaysField(6, text: gatewayKey)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var attempt: Int32 = 0
        var amount: Money?
        var captureMode: CaptureMode?
        var gatewayKey: String?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: attempt = try reader.int32(tag)
            case 4: amount = try reader.decode(Money.self, tag)
            case 5:
                captureMode = try reader.checked(
                    tag, CaptureMode.init(rawValue:), of: try reader.int32(tag))
            case 6: gatewayKey = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let amount else { throw .missing(field: 4) }
        guard let captureMode else { throw .missing(field: 5) }
        self.init(
            paymentID: paymentID, orderID: orderID, attempt: attempt, amount: amount,
            captureMode: captureMode, gatewayKey: gatewayKey
        )
    }
}

/// The provider holds the amount for us.
public struct PaymentAuthorized: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentAuthorized"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var attempt: Int32
    /// The provider's name for the payment.
    public var reference: String
    public var amount: Money
    public var expiresAt: Instant?

    public init(
        paymentID: PaymentID, orderID: OrderID, attempt: Int32, reference: String, amount: Money,
        expiresAt: Instant? = nil
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.attempt = attempt
        self.reference = reference
        self.amount = amount
        self.expiresAt = expiresAt
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, int: Int64(attempt))
        writer.field(4, text: reference)
        writer.field(5) { amount.encode(into: &$0) }
        if let expiresAt {
            writer.alwaysField(6, varint: UInt64(bitPattern: Int64(expiresAt.microseconds)))
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var attempt: Int32 = 0
        var reference: String = ""
        var amount: Money?
        var expiresAt: Instant?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: attempt = try reader.int32(tag)
            case 4: reference = try reader.text(tag)
            case 5: amount = try reader.decode(Money.self, tag)
            case 6: expiresAt = Instant(microseconds: try reader.int64(tag))
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let amount else { throw .missing(field: 5) }
        self.init(
            paymentID: paymentID, orderID: orderID, attempt: attempt, reference: reference,
            amount: amount, expiresAt: expiresAt
        )
    }
}

/// Intent: take an authorised amount.
public struct PaymentCaptureRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentCaptureRequested"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var captureID: CaptureID
    public var amount: Money
    public var reference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, captureID: CaptureID, amount: Money,
        reference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.captureID = captureID
        self.amount = amount
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, identifier: captureID.rawValue)
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var captureID: CaptureID?
        var amount: Money?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: captureID = CaptureID(rawValue: try reader.identifier(tag))
            case 4: amount = try reader.decode(Money.self, tag)
            case 5: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let captureID else { throw .missing(field: 3) }
        guard let amount else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, captureID: captureID, amount: amount,
            reference: reference
        )
    }
}

/// The money is ours. Without a capture id it was taken by the charge itself.
public struct PaymentCaptured: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentCaptured"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var captureID: CaptureID?
    public var amount: Money
    public var reference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, captureID: CaptureID? = nil, amount: Money,
        reference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.captureID = captureID
        self.amount = amount
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        if let captureID {
            writer.field(3, identifier: captureID.rawValue)
        }
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var captureID: CaptureID?
        var amount: Money?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: captureID = CaptureID(rawValue: try reader.identifier(tag))
            case 4: amount = try reader.decode(Money.self, tag)
            case 5: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let amount else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, captureID: captureID, amount: amount,
            reference: reference
        )
    }
}

/// The provider said no: to the charge, or, with a capture id, to that capture.
public struct PaymentDeclined: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentDeclined"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var attempt: Int32
    /// The provider's code, for example insufficient_funds.
    public var code: String
    public var reason: String
    public var captureID: CaptureID?

    public init(
        paymentID: PaymentID, orderID: OrderID, attempt: Int32, code: String, reason: String,
        captureID: CaptureID? = nil
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.attempt = attempt
        self.code = code
        self.reason = reason
        self.captureID = captureID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, int: Int64(attempt))
        writer.field(4, text: code)
        writer.field(5, text: reason)
        if let captureID {
            writer.field(6, identifier: captureID.rawValue)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var attempt: Int32 = 0
        var code: String = ""
        var reason: String = ""
        var captureID: CaptureID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: attempt = try reader.int32(tag)
            case 4: code = try reader.text(tag)
            case 5: reason = try reader.text(tag)
            case 6: captureID = CaptureID(rawValue: try reader.identifier(tag))
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        self.init(
            paymentID: paymentID, orderID: orderID, attempt: attempt, code: code, reason: reason,
            captureID: captureID
        )
    }
}

/// Nobody knows whether the call had an effect; it is settled by asking the provider, never guessed.
public struct PaymentOutcomeUnknown: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentOutcomeUnknown"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var attempt: Int32
    public var cause: String

    public init(paymentID: PaymentID, orderID: OrderID, attempt: Int32, cause: String) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.attempt = attempt
        self.cause = cause
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, int: Int64(attempt))
        writer.field(4, text: cause)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var attempt: Int32 = 0
        var cause: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: attempt = try reader.int32(tag)
            case 4: cause = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        self.init(paymentID: paymentID, orderID: orderID, attempt: attempt, cause: cause)
    }
}

/// Intent: give an authorisation back.
public struct PaymentVoidRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentVoidRequested"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var reference: String

    public init(paymentID: PaymentID, orderID: OrderID, reference: String) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        self.init(paymentID: paymentID, orderID: orderID, reference: reference)
    }
}

public struct PaymentVoided: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentVoided"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var reference: String

    public init(paymentID: PaymentID, orderID: OrderID, reference: String) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        self.init(paymentID: paymentID, orderID: orderID, reference: reference)
    }
}

/// Intent: give captured money back.
public struct RefundRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "RefundRequested"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var refundID: RefundID
    public var amount: Money
    public var reason: String
    /// The provider's name for the payment that is refunded.
    public var paymentReference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, refundID: RefundID, amount: Money, reason: String,
        paymentReference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.refundID = refundID
        self.amount = amount
        self.reason = reason
        self.paymentReference = paymentReference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, identifier: refundID.rawValue)
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, text: reason)
        writer.field(6, text: paymentReference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var refundID: RefundID?
        var amount: Money?
        var reason: String = ""
        var paymentReference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: refundID = RefundID(rawValue: try reader.identifier(tag))
            case 4: amount = try reader.decode(Money.self, tag)
            case 5: reason = try reader.text(tag)
            case 6: paymentReference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let refundID else { throw .missing(field: 3) }
        guard let amount else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, refundID: refundID, amount: amount,
            reason: reason, paymentReference: paymentReference
        )
    }
}

public struct RefundSucceeded: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "RefundSucceeded"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var refundID: RefundID
    public var amount: Money
    public var reference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, refundID: RefundID, amount: Money, reference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.refundID = refundID
        self.amount = amount
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, identifier: refundID.rawValue)
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var refundID: RefundID?
        var amount: Money?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: refundID = RefundID(rawValue: try reader.identifier(tag))
            case 4: amount = try reader.decode(Money.self, tag)
            case 5: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let refundID else { throw .missing(field: 3) }
        guard let amount else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, refundID: refundID, amount: amount,
            reference: reference
        )
    }
}

public struct RefundFailed: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "RefundFailed"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var refundID: RefundID
    public var amount: Money
    public var code: String

    public init(
        paymentID: PaymentID, orderID: OrderID, refundID: RefundID, amount: Money, code: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.refundID = refundID
        self.amount = amount
        self.code = code
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3, identifier: refundID.rawValue)
        writer.field(4) { amount.encode(into: &$0) }
        writer.field(5, text: code)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var refundID: RefundID?
        var amount: Money?
        var code: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: refundID = RefundID(rawValue: try reader.identifier(tag))
            case 4: amount = try reader.decode(Money.self, tag)
            case 5: code = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let refundID else { throw .missing(field: 3) }
        guard let amount else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, refundID: refundID, amount: amount, code: code
        )
    }
}

/// The provider moved another amount or currency than was asked; a person must look.
public struct PaymentAmountMismatchDetected: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PaymentAmountMismatchDetected"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var expected: Money
    public var actual: Money
    public var reference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, expected: Money, actual: Money, reference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.expected = expected
        self.actual = actual
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3) { expected.encode(into: &$0) }
        writer.field(4) { actual.encode(into: &$0) }
        writer.field(5, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var expected: Money?
        var actual: Money?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: expected = try reader.decode(Money.self, tag)
            case 4: actual = try reader.decode(Money.self, tag)
            case 5: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let expected else { throw .missing(field: 3) }
        guard let actual else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, expected: expected, actual: actual,
            reference: reference
        )
    }
}

/// Money arrived for an order that is closed; it goes back.
public struct LatePaymentReceived: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "LatePaymentReceived"
    public static let schemaVersion: UInt32 = 1

    public var paymentID: PaymentID
    public var orderID: OrderID
    public var expected: Money
    public var actual: Money
    public var reference: String

    public init(
        paymentID: PaymentID, orderID: OrderID, expected: Money, actual: Money, reference: String
    ) {
        self.paymentID = paymentID
        self.orderID = orderID
        self.expected = expected
        self.actual = actual
        self.reference = reference
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: paymentID.rawValue)
        writer.field(2, identifier: orderID.rawValue)
        writer.field(3) { expected.encode(into: &$0) }
        writer.field(4) { actual.encode(into: &$0) }
        writer.field(5, text: reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var paymentID: PaymentID?
        var orderID: OrderID?
        var expected: Money?
        var actual: Money?
        var reference: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 2: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 3: expected = try reader.decode(Money.self, tag)
            case 4: actual = try reader.decode(Money.self, tag)
            case 5: reference = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let paymentID else { throw .missing(field: 1) }
        guard let orderID else { throw .missing(field: 2) }
        guard let expected else { throw .missing(field: 3) }
        guard let actual else { throw .missing(field: 4) }
        self.init(
            paymentID: paymentID, orderID: orderID, expected: expected, actual: actual,
            reference: reference
        )
    }
}

/// A message of the provider was taken in; each changes state at most once, in any order.
public struct GatewayEventReceived: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "GatewayEventReceived"
    public static let schemaVersion: UInt32 = 1

    public var providerEventID: String
    public var kind: GatewayEventKind
    public var reference: String
    /// SHA-256 of the message as it came.
    public var digest: Digest
    /// The payment it belongs to, if one is known yet.
    public var paymentID: PaymentID?
    public var amount: Money?
    public var occurredAt: Instant
    public var matched: Bool

    public init(
        providerEventID: String, kind: GatewayEventKind, reference: String, digest: Digest,
        paymentID: PaymentID? = nil, amount: Money? = nil, occurredAt: Instant, matched: Bool
    ) {
        self.providerEventID = providerEventID
        self.kind = kind
        self.reference = reference
        self.digest = digest
        self.paymentID = paymentID
        self.amount = amount
        self.occurredAt = occurredAt
        self.matched = matched
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: providerEventID)
        writer.field(2, int: Int64(kind.rawValue))
        writer.field(3, text: reference)
        writer.field(4, digest: digest)
        if let paymentID {
            writer.field(5, identifier: paymentID.rawValue)
        }
        if let amount {
            writer.field(6) { amount.encode(into: &$0) }
        }
        writer.field(7, int: occurredAt.microseconds)
        writer.field(8, bool: matched)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var providerEventID: String = ""
        var kind: GatewayEventKind?
        var reference: String = ""
        var digest: Digest?
        var paymentID: PaymentID?
        var amount: Money?
        var occurredAt: Instant?
        var matched: Bool = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: providerEventID = try reader.text(tag)
            case 2:
                kind = try reader.checked(
                    tag, GatewayEventKind.init(rawValue:), of: try reader.int32(tag))
            case 3: reference = try reader.text(tag)
            case 4: digest = try reader.digest(tag)
            case 5: paymentID = PaymentID(rawValue: try reader.identifier(tag))
            case 6: amount = try reader.decode(Money.self, tag)
            case 7: occurredAt = Instant(microseconds: try reader.int64(tag))
            case 8: matched = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let kind else { throw .missing(field: 2) }
        guard let digest else { throw .missing(field: 4) }
        let occurredAtValue = occurredAt ?? Instant(microseconds: 0)
        self.init(
            providerEventID: providerEventID, kind: kind, reference: reference, digest: digest,
            paymentID: paymentID, amount: amount, occurredAt: occurredAtValue, matched: matched
        )
    }
}
