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

    /// The name under which the event is stored.
    public var type: EventType {
        switch self {
        case .userRegistered: UserRegistered.type
        case .verificationIssued: VerificationIssued.type
        case .verificationVoided: VerificationVoided.type
        case .emailVerified: EmailVerified.type
        case .userDeactivated: UserDeactivated.type
        case .userReactivated: UserReactivated.type
        case .productAdded: ProductAdded.type
        case .priceChanged: PriceChanged.type
        case .productRenamed: ProductRenamed.type
        case .productDiscontinued: ProductDiscontinued.type
        case .stockReceived: StockReceived.type
        case .stockAdjusted: StockAdjusted.type
        case .stockReserved: StockReserved.type
        case .stockReleased: StockReleased.type
        case .stockShipped: StockShipped.type
        case .stockRestocked: StockRestocked.type
        case .orderPlaced: OrderPlaced.type
        case .processingStarted: ProcessingStarted.type
        case .shipmentDispatched: ShipmentDispatched.type
        case .orderCancelled: OrderCancelled.type
        case .orderExpired: OrderExpired.type
        case .returnRequested: ReturnRequested.type
        case .returnReceived: ReturnReceived.type
        case .paymentRequested: PaymentRequested.type
        case .paymentAuthorized: PaymentAuthorized.type
        case .paymentCaptureRequested: PaymentCaptureRequested.type
        case .paymentCaptured: PaymentCaptured.type
        case .paymentDeclined: PaymentDeclined.type
        case .paymentOutcomeUnknown: PaymentOutcomeUnknown.type
        case .paymentVoidRequested: PaymentVoidRequested.type
        case .paymentVoided: PaymentVoided.type
        case .refundRequested: RefundRequested.type
        case .refundSucceeded: RefundSucceeded.type
        case .refundFailed: RefundFailed.type
        case .paymentAmountMismatchDetected: PaymentAmountMismatchDetected.type
        case .latePaymentReceived: LatePaymentReceived.type
        case .gatewayEventReceived: GatewayEventReceived.type
        case .mailRequested: MailRequested.type
        case .mailSent: MailSent.type
        case .mailFailed: MailFailed.type
        case .projectionEventSkipped: ProjectionEventSkipped.type
        }
    }

    public var schemaVersion: UInt32 {
        switch self {
        case .userRegistered: UserRegistered.schemaVersion
        case .verificationIssued: VerificationIssued.schemaVersion
        case .verificationVoided: VerificationVoided.schemaVersion
        case .emailVerified: EmailVerified.schemaVersion
        case .userDeactivated: UserDeactivated.schemaVersion
        case .userReactivated: UserReactivated.schemaVersion
        case .productAdded: ProductAdded.schemaVersion
        case .priceChanged: PriceChanged.schemaVersion
        case .productRenamed: ProductRenamed.schemaVersion
        case .productDiscontinued: ProductDiscontinued.schemaVersion
        case .stockReceived: StockReceived.schemaVersion
        case .stockAdjusted: StockAdjusted.schemaVersion
        case .stockReserved: StockReserved.schemaVersion
        case .stockReleased: StockReleased.schemaVersion
        case .stockShipped: StockShipped.schemaVersion
        case .stockRestocked: StockRestocked.schemaVersion
        case .orderPlaced: OrderPlaced.schemaVersion
        case .processingStarted: ProcessingStarted.schemaVersion
        case .shipmentDispatched: ShipmentDispatched.schemaVersion
        case .orderCancelled: OrderCancelled.schemaVersion
        case .orderExpired: OrderExpired.schemaVersion
        case .returnRequested: ReturnRequested.schemaVersion
        case .returnReceived: ReturnReceived.schemaVersion
        case .paymentRequested: PaymentRequested.schemaVersion
        case .paymentAuthorized: PaymentAuthorized.schemaVersion
        case .paymentCaptureRequested: PaymentCaptureRequested.schemaVersion
        case .paymentCaptured: PaymentCaptured.schemaVersion
        case .paymentDeclined: PaymentDeclined.schemaVersion
        case .paymentOutcomeUnknown: PaymentOutcomeUnknown.schemaVersion
        case .paymentVoidRequested: PaymentVoidRequested.schemaVersion
        case .paymentVoided: PaymentVoided.schemaVersion
        case .refundRequested: RefundRequested.schemaVersion
        case .refundSucceeded: RefundSucceeded.schemaVersion
        case .refundFailed: RefundFailed.schemaVersion
        case .paymentAmountMismatchDetected: PaymentAmountMismatchDetected.schemaVersion
        case .latePaymentReceived: LatePaymentReceived.schemaVersion
        case .gatewayEventReceived: GatewayEventReceived.schemaVersion
        case .mailRequested: MailRequested.schemaVersion
        case .mailSent: MailSent.schemaVersion
        case .mailFailed: MailFailed.schemaVersion
        case .projectionEventSkipped: ProjectionEventSkipped.schemaVersion
        }
    }

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

    /// Reads a payload of today's shape; `nil` when the type is not known here.
    package init?(
        type: EventType, decoding reader: inout WireReader
    ) throws(WireError) {
        switch type.rawValue {
        case "UserRegistered":
            self = .userRegistered(try UserRegistered(from: &reader))
        case "VerificationIssued":
            self = .verificationIssued(try VerificationIssued(from: &reader))
        case "VerificationVoided":
            self = .verificationVoided(try VerificationVoided(from: &reader))
        case "EmailVerified":
            self = .emailVerified(try EmailVerified(from: &reader))
        case "UserDeactivated":
            self = .userDeactivated(try UserDeactivated(from: &reader))
        case "UserReactivated":
            self = .userReactivated(try UserReactivated(from: &reader))
        case "ProductAdded":
            self = .productAdded(try ProductAdded(from: &reader))
        case "PriceChanged":
            self = .priceChanged(try PriceChanged(from: &reader))
        case "ProductRenamed":
            self = .productRenamed(try ProductRenamed(from: &reader))
        case "ProductDiscontinued":
            self = .productDiscontinued(try ProductDiscontinued(from: &reader))
        case "StockReceived":
            self = .stockReceived(try StockReceived(from: &reader))
        case "StockAdjusted":
            self = .stockAdjusted(try StockAdjusted(from: &reader))
        case "StockReserved":
            self = .stockReserved(try StockReserved(from: &reader))
        case "StockReleased":
            self = .stockReleased(try StockReleased(from: &reader))
        case "StockShipped":
            self = .stockShipped(try StockShipped(from: &reader))
        case "StockRestocked":
            self = .stockRestocked(try StockRestocked(from: &reader))
        case "OrderPlaced":
            self = .orderPlaced(try OrderPlaced(from: &reader))
        case "ProcessingStarted":
            self = .processingStarted(try ProcessingStarted(from: &reader))
        case "ShipmentDispatched":
            self = .shipmentDispatched(try ShipmentDispatched(from: &reader))
        case "OrderCancelled":
            self = .orderCancelled(try OrderCancelled(from: &reader))
        case "OrderExpired":
            self = .orderExpired(try OrderExpired(from: &reader))
        case "ReturnRequested":
            self = .returnRequested(try ReturnRequested(from: &reader))
        case "ReturnReceived":
            self = .returnReceived(try ReturnReceived(from: &reader))
        case "PaymentRequested":
            self = .paymentRequested(try PaymentRequested(from: &reader))
        case "PaymentAuthorized":
            self = .paymentAuthorized(try PaymentAuthorized(from: &reader))
        case "PaymentCaptureRequested":
            self = .paymentCaptureRequested(try PaymentCaptureRequested(from: &reader))
        case "PaymentCaptured":
            self = .paymentCaptured(try PaymentCaptured(from: &reader))
        case "PaymentDeclined":
            self = .paymentDeclined(try PaymentDeclined(from: &reader))
        case "PaymentOutcomeUnknown":
            self = .paymentOutcomeUnknown(try PaymentOutcomeUnknown(from: &reader))
        case "PaymentVoidRequested":
            self = .paymentVoidRequested(try PaymentVoidRequested(from: &reader))
        case "PaymentVoided":
            self = .paymentVoided(try PaymentVoided(from: &reader))
        case "RefundRequested":
            self = .refundRequested(try RefundRequested(from: &reader))
        case "RefundSucceeded":
            self = .refundSucceeded(try RefundSucceeded(from: &reader))
        case "RefundFailed":
            self = .refundFailed(try RefundFailed(from: &reader))
        case "PaymentAmountMismatchDetected":
            self = .paymentAmountMismatchDetected(try PaymentAmountMismatchDetected(from: &reader))
        case "LatePaymentReceived":
            self = .latePaymentReceived(try LatePaymentReceived(from: &reader))
        case "GatewayEventReceived":
            self = .gatewayEventReceived(try GatewayEventReceived(from: &reader))
        case "MailRequested":
            self = .mailRequested(try MailRequested(from: &reader))
        case "MailSent":
            self = .mailSent(try MailSent(from: &reader))
        case "MailFailed":
            self = .mailFailed(try MailFailed(from: &reader))
        case "ProjectionEventSkipped":
            self = .projectionEventSkipped(try ProjectionEventSkipped(from: &reader))
        default: return nil
        }
    }
}
