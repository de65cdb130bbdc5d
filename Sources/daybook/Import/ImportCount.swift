import DaybookCore
import DaybookDecisions

/// What belongs to one import, by the keys of its requests.
struct ImportScope {
    /// Keys of invoices: orders, credit notes, adjustments.
    var invoiceKeys: Set<String>
    var productKeys: Set<String>
    var userKeys: Set<String>
    var stockKeys: Set<String>
    /// Codes with stock, whose units are counted at the end.
    var goods: [String]
}

/// Counts what an import really recorded, from the events themselves.
struct ImportCount {
    private(set) var orders: Int64 = 0
    private(set) var orderLines: Int64 = 0
    private(set) var units: Int64 = 0
    private(set) var netPence: Int64 = 0
    private(set) var returnedUnits: Int64 = 0
    private(set) var refundedPence: Int64 = 0
    private(set) var adjustments: Int64 = 0
    private(set) var adjustedUnits: Int64 = 0
    private(set) var users: Int64 = 0
    private(set) var products: Int64 = 0
    private(set) var openingUnits: Int64 = 0
    /// Refunds that were asked for and not yet made.
    var openRefunds: Int { refunds.count }
    /// On hand of all goods, from the inventory read model.
    var finalUnits: Int64 = 0

    /// The events that are counted; others need not be decoded.
    static let types: Set<EventType> = [
        UserRegistered.type, ProductAdded.type, StockReceived.type, StockAdjusted.type,
        OrderPlaced.type, ReturnReceived.type, RefundRequested.type, RefundSucceeded.type,
    ]

    private let scope: ImportScope
    private var refunds: Set<RefundID> = []
    /// What was paid back for refunds that were asked for before the first batch, or by somebody else.
    private var answers: [RefundID: Int64] = [:]

    init(_ scope: ImportScope) {
        self.scope = scope
    }

    /// Adds a batch; batches come in the order of the log.
    mutating func add(_ metadata: BatchMetadata, _ events: [Event]) {
        // The bank's answers are batches of their own: they are found by the refund's id.
        for case .refundSucceeded(let refund) in events {
            pay(refund.amount.minor, for: refund.refundID)
        }
        guard metadata.actor == .import, let key = metadata.idempotencyKey else { return }
        if scope.invoiceKeys.contains(key) {
            for event in events { addInvoice(event) }
        } else if scope.productKeys.contains(key) {
            for case .productAdded in events { products += 1 }
        } else if scope.userKeys.contains(key) {
            for case .userRegistered in events { users += 1 }
        } else if scope.stockKeys.contains(key) {
            for case .stockReceived(let receipt) in events {
                openingUnits &+= Int64(receipt.quantity)
            }
        }
    }

    /// Adds what was counted, in the same scope, in the batches that come behind.
    mutating func add(_ later: ImportCount) {
        orders += later.orders
        orderLines += later.orderLines
        units &+= later.units
        netPence &+= later.netPence
        returnedUnits &+= later.returnedUnits
        refundedPence &+= later.refundedPence
        adjustments += later.adjustments
        adjustedUnits &+= later.adjustedUnits
        users += later.users
        products += later.products
        openingUnits &+= later.openingUnits
        for (refund, minor) in later.answers { pay(minor, for: refund) }
        refunds.formUnion(later.refunds)
    }

    private mutating func pay(_ minor: Int64, for refund: RefundID) {
        if refunds.remove(refund) != nil {
            refundedPence &+= minor
        } else {
            answers[refund] = minor
        }
    }

    private mutating func addInvoice(_ event: Event) {
        switch event {
        case .orderPlaced(let order):
            orders += 1
            orderLines += Int64(order.lines.count)
            for line in order.lines { units &+= Int64(line.quantity.rawValue) }
            netPence &+= order.netMinor
        case .returnReceived(let goods):
            for line in goods.lines { returnedUnits &+= Int64(line.received) }
        case .refundRequested(let refund): refunds.insert(refund.refundID)
        case .stockAdjusted(let adjustment):
            adjustments += 1
            adjustedUnits &+= Int64(adjustment.delta)
        default: break
        }
    }
}
