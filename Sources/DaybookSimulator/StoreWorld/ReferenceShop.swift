import DaybookCore
package import DaybookDecisions

/// What the events of a log amount to, added up in the plainest way, without the deciders' state.
package struct ReferenceShop {
    struct Order {
        var capture: CaptureMode
        var payable: Int64
        var ordered: [Int32: Int64] = [:]
        var kept: [Int32: Int64] = [:]
        var shipped: [Int32: Int64] = [:]
        var received: [Int32: Int64] = [:]
        var isClosed = false
        var isChargeUnderway = false
        var captureUnderway: CaptureID?
        var attempts: Int32 = 0
        var money: Int64 = 0
        var refundsAsked: [RefundID: Int64] = [:]
        var refundsDone: [RefundID: Int64] = [:]
        var refundsFailed: Set<RefundID> = []
        var confirmations = 0
        var isDeclined = false
        var isHeld = false
        var isProcessing = false
    }

    struct Stock: Hashable {
        var onHand: Int64 = 0
        var reserved: Int64 = 0
    }

    private(set) var stock: [String: Stock] = [:]
    private(set) var orders: [OrderID: Order] = [:]
    /// Every key that a durable intent has for the bank.
    private(set) var gatewayKeys: Set<String> = []
    private(set) var mails: [MailID: MailTemplate] = [:]
    private(set) var sentMails: Set<MailID> = []
    private(set) var lostMails: Set<MailID> = []
    private(set) var captured: Int64 = 0
    private(set) var refunded: Int64 = 0
    private(set) var messageIDs: Set<String> = []
    private(set) var emails: Set<UserID> = []
    private(set) var expired = 0
    private(set) var lateMoney = 0
    private(set) var partialCaptures = 0
    private(set) var returns = 0
    /// Keys of charges that the bank itself has declined, if the log is right.
    private(set) var declinedKeys: Set<String> = []
    package private(set) var violations: [String] = []
    private var lastOrderNumber: UInt64 = 0

    private mutating func check(_ holds: Bool, _ text: @autoclosure () -> String) {
        if !holds { violations.append(text()) }
    }

    package init() {}

    package mutating func take(_ event: Event, at position: UInt64) {
        switch event {
        case .stockReceived(let event): move(event.sku, onHand: event.quantity, at: position)
        case .stockAdjusted(let event): move(event.sku, onHand: event.delta, at: position)
        case .stockReserved(let event): reserve(event.orderID, event.lines, 1, at: position)
        case .stockReleased(let event): reserve(event.orderID, event.lines, -1, at: position)
        case .stockShipped(let event):
            reserve(event.orderID, event.lines, -1, at: position)
            for line in event.lines {
                move(line.sku, onHand: -Int64(line.quantity.rawValue), at: position)
            }
        case .stockRestocked(let event):
            for line in event.lines {
                move(line.sku, onHand: Int64(line.quantity.rawValue), at: position)
            }
        case .orderPlaced(let event): place(event, at: position)
        case .shipmentDispatched(let event): ship(event, at: position)
        case .processingStarted(let event): orders[event.orderID]?.isProcessing = true
        case .orderCancelled(let event): close(event.orderID, at: position)
        case .orderExpired(let event):
            close(event.orderID, at: position)
            expired += 1
        case .returnReceived(let event):
            returns += 1
            for line in event.lines {
                orders[event.orderID]?.received[line.lineNumber, default: 0] +=
                    Int64(line.received)
                let order = orders[event.orderID]
                check(
                    (order?.received[line.lineNumber] ?? 0)
                        <= (order?.shipped[line.lineNumber] ?? 0),
                    "position \(position): \(event.orderID) gets back more than was sent")
            }
        case .gatewayEventReceived(let event):
            check(
                messageIDs.insert(event.providerEventID).inserted,
                "position \(position): message \(event.providerEventID) was taken twice")
        case .mailRequested(let event): request(event, at: position)
        case .mailSent(let event):
            check(mails[event.mailID] != nil, "position \(position): a mail nobody asked for")
            sentMails.insert(event.mailID)
        case .mailFailed(let event): if !event.willRetry { lostMails.insert(event.mailID) }
        default: takeMoney(event, at: position)
        }
    }
}

// MARK: - Goods and orders

extension ReferenceShop {
    private mutating func move(
        _ sku: SKU, onHand: Int64 = 0, reserved: Int64 = 0, at position: UInt64
    ) {
        stock[sku.rawValue, default: Stock()].onHand += onHand
        stock[sku.rawValue, default: Stock()].reserved += reserved
        let now = stock[sku.rawValue, default: Stock()]
        check(
            now.reserved >= 0 && now.onHand >= now.reserved,
            "P-01 position \(position): \(sku) has \(now.onHand), of which \(now.reserved) reserved"
        )
    }

    private mutating func reserve(
        _ order: OrderID, _ lines: [StockLine], _ sign: Int64, at position: UInt64
    ) {
        for line in lines {
            let count = sign * Int64(line.quantity.rawValue)
            orders[order]?.kept[line.lineNumber, default: 0] += count
            check(
                (orders[order]?.kept[line.lineNumber] ?? 0) >= 0,
                "P-06 position \(position): \(order) gives back more than it kept")
            // Shipping takes it off the shelf in the same event; the order of the two does not matter.
            stock[line.sku.rawValue, default: Stock()].reserved += count
        }
    }

    private mutating func place(_ event: OrderPlaced, at position: UInt64) {
        check(orders[event.orderID] == nil, "position \(position): \(event.orderID) placed twice")
        check(
            event.orderNumber == lastOrderNumber + 1,
            "P-24 position \(position): order number \(event.orderNumber)")
        lastOrderNumber = event.orderNumber
        check(
            event.netMinor + event.taxMinor == event.payableMinor
                && event.lines.reduce(0) { $0 + $1.netMinor } == event.netMinor,
            "P-10 position \(position): the sums of \(event.orderID)")
        var order = Order(capture: event.captureMode, payable: event.payableMinor)
        for line in event.lines {
            order.ordered[line.lineNumber, default: 0] += Int64(line.quantity.rawValue)
        }
        orders[event.orderID] = order
    }

    private mutating func ship(_ event: ShipmentDispatched, at position: UInt64) {
        guard let order = orders[event.orderID] else { return }
        check(!order.isClosed, "position \(position): \(event.orderID) is closed and is sent")
        check(
            order.money >= order.payable,
            "position \(position): \(event.orderID) is sent and not paid")
        for line in event.lines {
            orders[event.orderID]?.shipped[line.lineNumber, default: 0] +=
                Int64(line.quantity.rawValue)
            check(
                (orders[event.orderID]?.shipped[line.lineNumber] ?? 0)
                    <= (order.ordered[line.lineNumber] ?? 0),
                "P-06 position \(position): \(event.orderID) sends more than was ordered")
        }
    }

    private mutating func close(_ id: OrderID, at position: UInt64) {
        guard let order = orders[id] else { return }
        check(!order.isClosed, "position \(position): \(id) is closed twice")
        check(
            order.shipped.isEmpty, "position \(position): \(id) is closed although goods were sent")
        orders[id]?.isClosed = true
    }

    private mutating func request(_ event: MailRequested, at position: UInt64) {
        check(mails[event.mailID] == nil, "position \(position): mail \(event.mailID) asked twice")
        mails[event.mailID] = event.template
        guard let order = event.orderID, event.template == .orderConfirmed else { return }
        orders[order]?.confirmations += 1
        check(
            orders[order]?.confirmations == 1,
            "position \(position): \(order) is confirmed twice")
    }

    /// At the end: what is reserved is what open orders keep.
    package mutating func finish() {
        var kept: Int64 = 0
        for order in orders.values {
            kept += order.kept.values.reduce(0, +)
            if order.isClosed {
                check(
                    order.kept.values.allSatisfy { $0 == 0 }, "P-05: a closed order keeps stock")
            }
        }
        check(
            kept == stock.values.reduce(0) { $0 + $1.reserved },
            "P-03: reserved is not what orders keep")
    }
}

// MARK: - Money

extension ReferenceShop {
    private mutating func takeMoney(_ event: Event, at position: UInt64) {
        switch event {
        case .paymentRequested(let event):
            check(
                orders[event.orderID].map { $0.attempts + 1 == event.attempt } == true,
                "position \(position): attempt \(event.attempt) of \(event.orderID)")
            orders[event.orderID]?.attempts = event.attempt
            orders[event.orderID]?.isChargeUnderway = true
            orders[event.orderID]?.isDeclined = false
            gatewayKeys.insert(event.gatewayKey ?? "\(event.orderID)/\(event.attempt)")
        case .paymentCaptureRequested(let event):
            orders[event.orderID]?.captureUnderway = event.captureID
            gatewayKeys.insert("\(event.orderID)/\(event.captureID)")
        case .paymentVoidRequested(let event): gatewayKeys.insert("\(event.orderID)/void")
        case .refundRequested(let event):
            orders[event.orderID]?.refundsAsked[event.refundID] = event.amount.minor
            gatewayKeys.insert("\(event.orderID)/\(event.refundID)")
            let order = orders[event.orderID]
            let asked = order?.refundsAsked.filter {
                order?.refundsFailed.contains($0.key) == false
            }
            .values.reduce(0, +)
            check(
                (asked ?? 0) <= (order?.money ?? 0),
                "P-12 position \(position): \(event.orderID) gives back more than came")
        case .paymentAuthorized(let event):
            if orders[event.orderID]?.capture == .manual {
                orders[event.orderID]?.isChargeUnderway = false
            }
        case .paymentCaptured(let event):
            receive(event.amount, for: event.orderID)
            let order = orders[event.orderID]
            check(
                (order?.money ?? 0) <= (order?.payable ?? 0),
                "P-12 position \(position): \(event.orderID) captures more than it costs")
            if let order, order.money < order.payable { partialCaptures += 1 }
        case .latePaymentReceived(let event):
            lateMoney += 1
            receive(event.actual, for: event.orderID)
        case .paymentAmountMismatchDetected(let event):
            let order = orders[event.orderID]
            orders[event.orderID]?.isHeld = true
            if order?.isChargeUnderway == true || order?.captureUnderway != nil {
                receive(event.actual, for: event.orderID)
            }
        case .paymentDeclined(let event):
            if event.captureID != nil {
                orders[event.orderID]?.captureUnderway = nil
            } else {
                orders[event.orderID]?.isChargeUnderway = false
                orders[event.orderID]?.isDeclined = true
                // Said by the engine itself, when nobody waits for the charge any more.
                if event.code != "not_received" {
                    declinedKeys.insert("\(event.orderID)/\(event.attempt)")
                }
            }
        case .paymentVoided(let event): orders[event.orderID]?.isChargeUnderway = false
        case .refundSucceeded(let event):
            check(
                orders[event.orderID]?.refundsDone[event.refundID] == nil,
                "position \(position): refund \(event.refundID) succeeded twice")
            orders[event.orderID]?.refundsDone[event.refundID] = event.amount.minor
            refunded += event.amount.minor
        case .refundFailed(let event):
            orders[event.orderID]?.refundsFailed.insert(event.refundID)
        default: break
        }
    }

    private mutating func receive(_ money: Money, for order: OrderID) {
        captured += money.minor
        orders[order]?.money += money.minor
        orders[order]?.isChargeUnderway = false
        orders[order]?.captureUnderway = nil
    }
}
