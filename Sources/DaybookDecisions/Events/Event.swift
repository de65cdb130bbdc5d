// Written by Schemas/generate.py from Schemas/*/v1/events.proto. Edit that, not this.

public import DaybookCore

/// Something that happened: one of the types that this program knows.
public indirect enum Event: Hashable, Sendable {
    case userRegistered(UserRegistered)
    case verificationIssued(VerificationIssued)
    case verificationVoided(VerificationVoided)
    case emailVerified(EmailVerified)
    case userDeactivated(UserDeactivated)
    case userReactivated(UserReactivated)
    case productAdded(ProductAdded)
    case priceChanged(PriceChanged)
    case productRenamed(ProductRenamed)
    case productDiscontinued(ProductDiscontinued)
    case stockReceived(StockReceived)
    case stockAdjusted(StockAdjusted)
    case stockReserved(StockReserved)
    case stockReleased(StockReleased)
    case stockShipped(StockShipped)
    case stockRestocked(StockRestocked)
    case orderPlaced(OrderPlaced)
    case processingStarted(ProcessingStarted)
    case shipmentDispatched(ShipmentDispatched)
    case orderCancelled(OrderCancelled)
    case orderExpired(OrderExpired)
    case returnRequested(ReturnRequested)
    case returnReceived(ReturnReceived)
    case paymentRequested(PaymentRequested)
    case paymentAuthorized(PaymentAuthorized)
    case paymentCaptureRequested(PaymentCaptureRequested)
    case paymentCaptured(PaymentCaptured)
    case paymentDeclined(PaymentDeclined)
    case paymentOutcomeUnknown(PaymentOutcomeUnknown)
    case paymentVoidRequested(PaymentVoidRequested)
    case paymentVoided(PaymentVoided)
    case refundRequested(RefundRequested)
    case refundSucceeded(RefundSucceeded)
    case refundFailed(RefundFailed)
    case paymentAmountMismatchDetected(PaymentAmountMismatchDetected)
    case latePaymentReceived(LatePaymentReceived)
    case gatewayEventReceived(GatewayEventReceived)
    case mailRequested(MailRequested)
    case mailSent(MailSent)
    case mailFailed(MailFailed)
    case projectionEventSkipped(ProjectionEventSkipped)
}

extension Event {
    /// Every type that this program knows, in the order of the schemas.
    public static let allTypes: [EventType] = [
        UserRegistered.type,
        VerificationIssued.type,
        VerificationVoided.type,
        EmailVerified.type,
        UserDeactivated.type,
        UserReactivated.type,
        ProductAdded.type,
        PriceChanged.type,
        ProductRenamed.type,
        ProductDiscontinued.type,
        StockReceived.type,
        StockAdjusted.type,
        StockReserved.type,
        StockReleased.type,
        StockShipped.type,
        StockRestocked.type,
        OrderPlaced.type,
        ProcessingStarted.type,
        ShipmentDispatched.type,
        OrderCancelled.type,
        OrderExpired.type,
        ReturnRequested.type,
        ReturnReceived.type,
        PaymentRequested.type,
        PaymentAuthorized.type,
        PaymentCaptureRequested.type,
        PaymentCaptured.type,
        PaymentDeclined.type,
        PaymentOutcomeUnknown.type,
        PaymentVoidRequested.type,
        PaymentVoided.type,
        RefundRequested.type,
        RefundSucceeded.type,
        RefundFailed.type,
        PaymentAmountMismatchDetected.type,
        LatePaymentReceived.type,
        GatewayEventReceived.type,
        MailRequested.type,
        MailSent.type,
        MailFailed.type,
        ProjectionEventSkipped.type,
    ]

    /// Today's schema version of each type, in the same order.
    package static let schemaVersions: [UInt32] = [
        UserRegistered.schemaVersion,
        VerificationIssued.schemaVersion,
        VerificationVoided.schemaVersion,
        EmailVerified.schemaVersion,
        UserDeactivated.schemaVersion,
        UserReactivated.schemaVersion,
        ProductAdded.schemaVersion,
        PriceChanged.schemaVersion,
        ProductRenamed.schemaVersion,
        ProductDiscontinued.schemaVersion,
        StockReceived.schemaVersion,
        StockAdjusted.schemaVersion,
        StockReserved.schemaVersion,
        StockReleased.schemaVersion,
        StockShipped.schemaVersion,
        StockRestocked.schemaVersion,
        OrderPlaced.schemaVersion,
        ProcessingStarted.schemaVersion,
        ShipmentDispatched.schemaVersion,
        OrderCancelled.schemaVersion,
        OrderExpired.schemaVersion,
        ReturnRequested.schemaVersion,
        ReturnReceived.schemaVersion,
        PaymentRequested.schemaVersion,
        PaymentAuthorized.schemaVersion,
        PaymentCaptureRequested.schemaVersion,
        PaymentCaptured.schemaVersion,
        PaymentDeclined.schemaVersion,
        PaymentOutcomeUnknown.schemaVersion,
        PaymentVoidRequested.schemaVersion,
        PaymentVoided.schemaVersion,
        RefundRequested.schemaVersion,
        RefundSucceeded.schemaVersion,
        RefundFailed.schemaVersion,
        PaymentAmountMismatchDetected.schemaVersion,
        LatePaymentReceived.schemaVersion,
        GatewayEventReceived.schemaVersion,
        MailRequested.schemaVersion,
        MailSent.schemaVersion,
        MailFailed.schemaVersion,
        ProjectionEventSkipped.schemaVersion,
    ]

    /// The place of the type in `allTypes`; it is stored nowhere.
    package var typeNumber: Int {
        switch self {
        case .userRegistered: 0
        case .verificationIssued: 1
        case .verificationVoided: 2
        case .emailVerified: 3
        case .userDeactivated: 4
        case .userReactivated: 5
        case .productAdded: 6
        case .priceChanged: 7
        case .productRenamed: 8
        case .productDiscontinued: 9
        case .stockReceived: 10
        case .stockAdjusted: 11
        case .stockReserved: 12
        case .stockReleased: 13
        case .stockShipped: 14
        case .stockRestocked: 15
        case .orderPlaced: 16
        case .processingStarted: 17
        case .shipmentDispatched: 18
        case .orderCancelled: 19
        case .orderExpired: 20
        case .returnRequested: 21
        case .returnReceived: 22
        case .paymentRequested: 23
        case .paymentAuthorized: 24
        case .paymentCaptureRequested: 25
        case .paymentCaptured: 26
        case .paymentDeclined: 27
        case .paymentOutcomeUnknown: 28
        case .paymentVoidRequested: 29
        case .paymentVoided: 30
        case .refundRequested: 31
        case .refundSucceeded: 32
        case .refundFailed: 33
        case .paymentAmountMismatchDetected: 34
        case .latePaymentReceived: 35
        case .gatewayEventReceived: 36
        case .mailRequested: 37
        case .mailSent: 38
        case .mailFailed: 39
        case .projectionEventSkipped: 40
        }
    }

    /// The name under which the event is stored.
    public var type: EventType { Event.allTypes[typeNumber] }

    public var schemaVersion: UInt32 { Event.schemaVersions[typeNumber] }

    /// The payload, whichever it is.
    public var payload: any EventPayload {
        switch self {
        case .userRegistered(let event): event
        case .verificationIssued(let event): event
        case .verificationVoided(let event): event
        case .emailVerified(let event): event
        case .userDeactivated(let event): event
        case .userReactivated(let event): event
        case .productAdded(let event): event
        case .priceChanged(let event): event
        case .productRenamed(let event): event
        case .productDiscontinued(let event): event
        case .stockReceived(let event): event
        case .stockAdjusted(let event): event
        case .stockReserved(let event): event
        case .stockReleased(let event): event
        case .stockShipped(let event): event
        case .stockRestocked(let event): event
        case .orderPlaced(let event): event
        case .processingStarted(let event): event
        case .shipmentDispatched(let event): event
        case .orderCancelled(let event): event
        case .orderExpired(let event): event
        case .returnRequested(let event): event
        case .returnReceived(let event): event
        case .paymentRequested(let event): event
        case .paymentAuthorized(let event): event
        case .paymentCaptureRequested(let event): event
        case .paymentCaptured(let event): event
        case .paymentDeclined(let event): event
        case .paymentOutcomeUnknown(let event): event
        case .paymentVoidRequested(let event): event
        case .paymentVoided(let event): event
        case .refundRequested(let event): event
        case .refundSucceeded(let event): event
        case .refundFailed(let event): event
        case .paymentAmountMismatchDetected(let event): event
        case .latePaymentReceived(let event): event
        case .gatewayEventReceived(let event): event
        case .mailRequested(let event): event
        case .mailSent(let event): event
        case .mailFailed(let event): event
        case .projectionEventSkipped(let event): event
        }
    }

    /// Writes the payload.
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .userRegistered(let event): event.encode(into: &writer)
        case .verificationIssued(let event): event.encode(into: &writer)
        case .verificationVoided(let event): event.encode(into: &writer)
        case .emailVerified(let event): event.encode(into: &writer)
        case .userDeactivated(let event): event.encode(into: &writer)
        case .userReactivated(let event): event.encode(into: &writer)
        case .productAdded(let event): event.encode(into: &writer)
        case .priceChanged(let event): event.encode(into: &writer)
        case .productRenamed(let event): event.encode(into: &writer)
        case .productDiscontinued(let event): event.encode(into: &writer)
        case .stockReceived(let event): event.encode(into: &writer)
        case .stockAdjusted(let event): event.encode(into: &writer)
        case .stockReserved(let event): event.encode(into: &writer)
        case .stockReleased(let event): event.encode(into: &writer)
        case .stockShipped(let event): event.encode(into: &writer)
        case .stockRestocked(let event): event.encode(into: &writer)
        case .orderPlaced(let event): event.encode(into: &writer)
        case .processingStarted(let event): event.encode(into: &writer)
        case .shipmentDispatched(let event): event.encode(into: &writer)
        case .orderCancelled(let event): event.encode(into: &writer)
        case .orderExpired(let event): event.encode(into: &writer)
        case .returnRequested(let event): event.encode(into: &writer)
        case .returnReceived(let event): event.encode(into: &writer)
        case .paymentRequested(let event): event.encode(into: &writer)
        case .paymentAuthorized(let event): event.encode(into: &writer)
        case .paymentCaptureRequested(let event): event.encode(into: &writer)
        case .paymentCaptured(let event): event.encode(into: &writer)
        case .paymentDeclined(let event): event.encode(into: &writer)
        case .paymentOutcomeUnknown(let event): event.encode(into: &writer)
        case .paymentVoidRequested(let event): event.encode(into: &writer)
        case .paymentVoided(let event): event.encode(into: &writer)
        case .refundRequested(let event): event.encode(into: &writer)
        case .refundSucceeded(let event): event.encode(into: &writer)
        case .refundFailed(let event): event.encode(into: &writer)
        case .paymentAmountMismatchDetected(let event): event.encode(into: &writer)
        case .latePaymentReceived(let event): event.encode(into: &writer)
        case .gatewayEventReceived(let event): event.encode(into: &writer)
        case .mailRequested(let event): event.encode(into: &writer)
        case .mailSent(let event): event.encode(into: &writer)
        case .mailFailed(let event): event.encode(into: &writer)
        case .projectionEventSkipped(let event): event.encode(into: &writer)
        }
    }

    private static let typeNumbers = Dictionary(
        uniqueKeysWithValues: allTypes.enumerated().map { ($1, $0) })

    /// The place of a type in `allTypes`; `nil` when it is not known here.
    package static func typeNumber(of type: EventType) -> Int? { typeNumbers[type] }

    /// Reads a payload of today's shape; `nil` when the type is not known here.
    package init?(
        type: EventType, decoding reader: inout WireReader
    ) throws(WireError) {
        guard let number = Event.typeNumber(of: type) else { return nil }
        try self.init(typeNumber: number, decoding: &reader)
    }

    /// Reads a payload of today's shape.
    ///
    /// - Parameter typeNumber: the place of its type in `allTypes`.
    /// - Returns: `nil` when nothing has that place.
    package init?(
        typeNumber: Int, decoding reader: inout WireReader
    ) throws(WireError) {
        switch typeNumber {
        case 0: self = .userRegistered(try UserRegistered(from: &reader))
        case 1: self = .verificationIssued(try VerificationIssued(from: &reader))
        case 2: self = .verificationVoided(try VerificationVoided(from: &reader))
        case 3: self = .emailVerified(try EmailVerified(from: &reader))
        case 4: self = .userDeactivated(try UserDeactivated(from: &reader))
        case 5: self = .userReactivated(try UserReactivated(from: &reader))
        case 6: self = .productAdded(try ProductAdded(from: &reader))
        case 7: self = .priceChanged(try PriceChanged(from: &reader))
        case 8: self = .productRenamed(try ProductRenamed(from: &reader))
        case 9: self = .productDiscontinued(try ProductDiscontinued(from: &reader))
        case 10: self = .stockReceived(try StockReceived(from: &reader))
        case 11: self = .stockAdjusted(try StockAdjusted(from: &reader))
        case 12: self = .stockReserved(try StockReserved(from: &reader))
        case 13: self = .stockReleased(try StockReleased(from: &reader))
        case 14: self = .stockShipped(try StockShipped(from: &reader))
        case 15: self = .stockRestocked(try StockRestocked(from: &reader))
        case 16: self = .orderPlaced(try OrderPlaced(from: &reader))
        case 17: self = .processingStarted(try ProcessingStarted(from: &reader))
        case 18: self = .shipmentDispatched(try ShipmentDispatched(from: &reader))
        case 19: self = .orderCancelled(try OrderCancelled(from: &reader))
        case 20: self = .orderExpired(try OrderExpired(from: &reader))
        case 21: self = .returnRequested(try ReturnRequested(from: &reader))
        case 22: self = .returnReceived(try ReturnReceived(from: &reader))
        case 23: self = .paymentRequested(try PaymentRequested(from: &reader))
        case 24: self = .paymentAuthorized(try PaymentAuthorized(from: &reader))
        case 25: self = .paymentCaptureRequested(try PaymentCaptureRequested(from: &reader))
        case 26: self = .paymentCaptured(try PaymentCaptured(from: &reader))
        case 27: self = .paymentDeclined(try PaymentDeclined(from: &reader))
        case 28: self = .paymentOutcomeUnknown(try PaymentOutcomeUnknown(from: &reader))
        case 29: self = .paymentVoidRequested(try PaymentVoidRequested(from: &reader))
        case 30: self = .paymentVoided(try PaymentVoided(from: &reader))
        case 31: self = .refundRequested(try RefundRequested(from: &reader))
        case 32: self = .refundSucceeded(try RefundSucceeded(from: &reader))
        case 33: self = .refundFailed(try RefundFailed(from: &reader))
        case 34:
            self = .paymentAmountMismatchDetected(try PaymentAmountMismatchDetected(from: &reader))
        case 35: self = .latePaymentReceived(try LatePaymentReceived(from: &reader))
        case 36: self = .gatewayEventReceived(try GatewayEventReceived(from: &reader))
        case 37: self = .mailRequested(try MailRequested(from: &reader))
        case 38: self = .mailSent(try MailSent(from: &reader))
        case 39: self = .mailFailed(try MailFailed(from: &reader))
        case 40: self = .projectionEventSkipped(try ProjectionEventSkipped(from: &reader))
        default: return nil
        }
    }
}
