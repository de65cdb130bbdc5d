public import DaybookCore

extension Event {
    /// The order that the event belongs to; `nil` for events of no order.
    public var orderID: OrderID? {
        switch self {
        case .orderPlaced(let event): event.orderID
        case .processingStarted(let event): event.orderID
        case .shipmentDispatched(let event): event.orderID
        case .orderCancelled(let event): event.orderID
        case .orderExpired(let event): event.orderID
        case .returnRequested(let event): event.orderID
        case .returnReceived(let event): event.orderID
        case .stockReserved(let event): event.orderID
        case .stockReleased(let event): event.orderID
        case .stockShipped(let event): event.orderID
        case .stockRestocked(let event): event.orderID
        case .mailRequested(let event): event.orderID
        default: paymentOrderID
        }
    }

    private var paymentOrderID: OrderID? {
        switch self {
        case .paymentRequested(let event): event.orderID
        case .paymentAuthorized(let event): event.orderID
        case .paymentCaptureRequested(let event): event.orderID
        case .paymentCaptured(let event): event.orderID
        case .paymentDeclined(let event): event.orderID
        case .paymentOutcomeUnknown(let event): event.orderID
        case .paymentVoidRequested(let event): event.orderID
        case .paymentVoided(let event): event.orderID
        case .refundRequested(let event): event.orderID
        case .refundSucceeded(let event): event.orderID
        case .refundFailed(let event): event.orderID
        case .paymentAmountMismatchDetected(let event): event.orderID
        case .latePaymentReceived(let event): event.orderID
        default: nil
        }
    }
}
