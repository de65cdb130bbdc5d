internal import DaybookCore
internal import DaybookDecisions

/// An order as a run leaves it: what was agreed (only when it was placed in this run), and how far
/// it has come since.
struct OrderRow {
    var id: OrderID
    var number: Int64
    var placement: OrderPlaced?
    /// Of the placement's lines.
    var products: [NumberedProduct] = []
    var progress: OrderProgress
    /// Units shipped and returned per line in this run, in the order of the events.
    var lineChanges: [OrderLineChange] = []
}

/// Units of one line that left, or came back.
struct OrderLineChange {
    var line: Int32
    var shipped: Int64 = 0
    var returned: Int64 = 0
}

/// The part of an order that later events change; stored in the last columns of `stored_orders`.
struct OrderProgress {
    var payable: Int64
    /// Of all lines; also postage counts, which leaves without touching stock.
    var orderedUnits: Int64
    var createdAt: Instant
    var closure = Closure.open
    var closedReason: String?
    var processingSince: Instant?
    /// `nil` while nothing was to be paid. There is one at most: another attempt is the same payment.
    var payment: PaymentRow?
    var shipped: Int64 = 0
    var returned: Int64 = 0
    var updatedAt: Instant
    var position: LogPosition

    var paymentState: PaymentState { payment?.state ?? .none }

    var fulfilment: FulfilmentState {
        FulfilmentState(ordered: orderedUnits, shipped: shipped, returned: returned)
    }

    /// A function of the axes only (P-14).
    ///
    /// Source: DOMAIN.md section 3.1.
    var status: OrderStatus {
        OrderStatus(
            closure: closure, fulfilment: fulfilment, isProcessing: processingSince != nil,
            isDeclined: payment?.charge == .declined,
            // Without money that came too late or in a wrong amount.
            isPaid: (payment?.captured ?? 0) >= payable,
            isFullyShipped: shipped == orderedUnits)
    }
}
