internal import DaybookCore
internal import DaybookDecisions

/// An order as a run leaves it: what was agreed (only when it was placed in this run), and how far
/// it has come since.
struct OrderRow {
    var number: Int64
    var placement: Placement?
    var progress: OrderProgress
    /// Units shipped and returned per line in this run, in the order of the events.
    var lineChanges: [OrderLineChange] = []

    struct Placement {
        var event: OrderPlaced
        var at: Instant
    }
}

/// Units of one line that left, or came back.
struct OrderLineChange {
    var line: Int32
    var shipped: Int64 = 0
    var returned: Int64 = 0
}

/// The part of an order that later events change; stored in the last columns of `orders`.
struct OrderProgress {
    var payable: Int64
    var currency: String
    /// Of all lines; also postage counts, which leaves without touching stock.
    var orderedUnits: Int64
    var closure = Closure.open
    var closedReason: String?
    var processingSince: Instant?
    var paymentID: PaymentID?
    var paymentState = PaymentState.none
    var paymentReference: String?
    /// `nil` while nothing was to be paid.
    var charge: PaymentRow.Charge?
    /// Without money that came too late or in a wrong amount.
    var captured: Int64 = 0
    var refunded: Int64 = 0
    var shipped: Int64 = 0
    var returned: Int64 = 0
    var updatedAt: Instant
    var position: LogPosition

    var fulfilment: FulfilmentState {
        FulfilmentState(ordered: orderedUnits, shipped: shipped, returned: returned)
    }

    /// A function of the axes only (P-14).
    ///
    /// Source: DOMAIN.md section 3.1.
    var status: OrderStatus {
        OrderStatus(
            closure: closure, fulfilment: fulfilment, isProcessing: processingSince != nil,
            isDeclined: charge == .declined, isPaid: captured >= payable,
            isFullyShipped: shipped == orderedUnits)
    }

    /// Takes the money axis over from the order's payment.
    mutating func follow(_ payment: PaymentRow) {
        paymentID = payment.id
        paymentReference = payment.reference
        paymentState = payment.state
        charge = payment.charge
        captured = payment.captured
        refunded = payment.refunded
    }
}
