import DaybookCore

/// What an order's state consists of; see ``OrderState``.
struct OrderFields: Hashable, Sendable {
    let id: OrderID
    let number: UInt64
    let userID: UserID
    let currency: Currency
    let netMinor: Int64
    let taxMinor: Int64
    let payableMinor: Int64
    let captureMode: CaptureMode
    /// History that happened elsewhere; nobody is mailed about it.
    let isImported: Bool
    let placedAt: Instant
    let expiresAt: Instant?

    var lines: [LineState]
    /// By line number, then in the order in which they were made.
    var reservations: [LineReservation] = []
    var returns: [ReturnState] = []
    /// `nil` while nothing was to be paid.
    var payment: PaymentAccount?
    var closure = Closure.open
    var isProcessing = false
    var isConfirmationRequested = false
    /// The last event of this order.
    var lastPosition: LogPosition

    let orderedUnits: Int64
    var shippedUnits: Int64 = 0
    var returnedUnits: Int64 = 0
    /// Kept and neither released nor sent.
    var reservedUnits: Int64 = 0

    init(_ event: OrderPlaced, at position: LogPosition, recordedAt: Instant) {
        id = event.orderID
        number = event.orderNumber
        userID = event.userID
        currency = event.currency
        netMinor = event.netMinor
        taxMinor = event.taxMinor
        payableMinor = event.payableMinor
        captureMode = event.captureMode
        isImported = event.origin == .imported
        placedAt = recordedAt
        expiresAt = event.expiresAt
        lastPosition = position
        lines = event.lines.map {
            LineState(sku: $0.sku, quantity: $0.quantity.rawValue, isUnstocked: $0.unstocked)
        }
        orderedUnits = event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
    }
}
