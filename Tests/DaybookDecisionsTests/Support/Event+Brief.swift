import DaybookCore
import DaybookDecisions

extension Event {
    /// One line about the event, without the identifiers that the test does not care for.
    var brief: String {
        switch self {
        case .orderPlaced(let event): event.brief
        case .stockReserved(let event): "StockReserved \(event.lines.brief)"
        case .stockReleased(let event): "StockReleased \(event.reason.name) \(event.lines.brief)"
        case .stockShipped(let event): "StockShipped \(event.lines.brief)"
        case .stockRestocked(let event): "StockRestocked \(event.lines.brief)"
        case .stockReceived(let event):
            "StockReceived \(event.sku)×\(event.quantity)@\(event.location)"
        case .stockAdjusted(let event):
            "StockAdjusted \(event.sku) by \(event.delta)@\(event.location)"
        case .shipmentDispatched(let event):
            "ShipmentDispatched \(event.lines.map { "\($0.lineNumber)×\($0.quantity)" }.list)"
        case .orderCancelled(let event): "OrderCancelled \(event.reason)"
        case .returnRequested(let event):
            "ReturnRequested \(event.lines.map { "\($0.lineNumber)×\($0.quantity)" }.list)"
        case .returnReceived(let event):
            "ReturnReceived "
                + event.lines.map { "\($0.lineNumber)×\($0.received)-\($0.damaged)" }.list
        case .productAdded(let event): "ProductAdded \(event.sku) \(event.price)"
        case .priceChanged(let event): "PriceChanged \(event.sku) \(event.newPrice)"
        case .productRenamed(let event): "ProductRenamed \(event.sku) \(event.name)"
        case .verificationIssued(let event): "VerificationIssued until \(event.expiresAt)"
        case .verificationVoided(let event): "VerificationVoided \(event.reason.name)"
        case .mailRequested(let event): "MailRequested \(event.template.name)"
        case .mailFailed(let event): "MailFailed retry \(event.willRetry)"
        default: paymentBrief ?? type.rawValue
        }
    }

    private var paymentBrief: String? {
        switch self {
        case .paymentRequested(let event):
            "PaymentRequested \(event.amount) attempt \(event.attempt)"
        case .paymentAuthorized(let event): "PaymentAuthorized \(event.amount)"
        case .paymentCaptureRequested(let event): "PaymentCaptureRequested \(event.amount)"
        case .paymentCaptured(let event): "PaymentCaptured \(event.amount)"
        case .paymentDeclined(let event):
            "PaymentDeclined \(event.code)" + (event.captureID == nil ? "" : " (capture)")
        case .paymentOutcomeUnknown(let event): "PaymentOutcomeUnknown \(event.cause)"
        case .refundRequested(let event): "RefundRequested \(event.amount)"
        case .refundSucceeded(let event): "RefundSucceeded \(event.amount)"
        case .refundFailed(let event): "RefundFailed \(event.amount)"
        case .latePaymentReceived(let event): "LatePaymentReceived \(event.actual)"
        case .paymentAmountMismatchDetected(let event):
            "PaymentAmountMismatchDetected \(event.expected) \(event.actual)"
        case .gatewayEventReceived(let event):
            "GatewayEventReceived \(event.kind.name) matched \(event.matched)"
        default: nil
        }
    }
}

extension OrderPlaced {
    fileprivate var brief: String {
        "OrderPlaced #\(orderNumber) net \(netMinor) tax \(taxMinor) payable \(payableMinor)"
    }
}

extension [StockLine] {
    fileprivate var brief: String {
        map { "\($0.lineNumber):\($0.sku)×\($0.quantity)@\($0.location)" }.list
    }
}

extension [String] {
    fileprivate var list: String { joined(separator: " ") }
}
