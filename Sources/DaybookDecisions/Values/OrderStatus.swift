/// The one word about an order that the public sees; derived from the axes, never stored as such.
public enum OrderStatus: String, Hashable, Sendable, CaseIterable {
    case pending
    case paid
    case paymentFailed = "payment_failed"
    case processing
    case shipped
    case delivered
    case returned
    case cancelled
    case expired

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String { rawValue }

    /// The status of DOMAIN 3.1: the first that matches.
    ///
    /// - Parameters:
    ///   - isProcessing: processing was started.
    ///   - isDeclined: the last attempt to pay was declined and none is in flight.
    ///   - isPaid: captured ≥ payable, money that came too late not counted.
    public init(
        closure: Closure, fulfilment: FulfilmentState, isProcessing: Bool, isDeclined: Bool,
        isPaid: Bool, isFullyShipped: Bool
    ) {
        switch closure {
        case .cancelled: self = .cancelled
        case .expired: self = .expired
        case .open:
            switch fulfilment {
            case .returned: self = .returned
            case .delivered: self = .delivered
            case .shipped, .partiallyDelivered: self = .shipped
            case .partiallyReturned: self = isFullyShipped ? .shipped : .processing
            case .partiallyShipped: self = .processing
            case .unfulfilled:
                if isProcessing {
                    self = .processing
                } else if isDeclined {
                    self = .paymentFailed
                } else {
                    self = isPaid ? .paid : .pending
                }
            }
        }
    }

    /// Whether the reference's active-orders selector lists it (S-102).
    public var isActive: Bool { self == .pending || self == .processing || self == .shipped }
}
