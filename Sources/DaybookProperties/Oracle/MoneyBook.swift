import DaybookCore
import DaybookDecisions

/// What orders cost, what was taken for them and what went back.
struct MoneyBook: AuditBook {
    private struct Account {
        var placed: OrderPlaced
        var requestCount = 0
        var authorised: Int64 = 0
        var captured: Int64 = 0
        /// Money that came too late or in a wrong amount.
        var stray: Int64 = 0
        var isChargeOpen = false
        var isDeclined = false
        var openCapture: CaptureID?
        /// Refunds that were asked for or went through.
        var refunds: [RefundID: Int64] = [:]
        var openRefunds: Set<RefundID> = []
        var shipped: Int64 = 0
        var returned: Int64 = 0
        var isProcessing = false
        var closure: String?
        var status = "pending"
        var chargeKeys: Set<String> = []

        var ordered: Int64 { placed.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) } }
        var back: Int64 { refunds.values.reduce(0, +) }

        /// The first line of DOMAIN 3.1 that matches.
        var derivedStatus: String {
            if let closure { return closure }
            if shipped > 0 {
                if shipped < ordered { return "processing" }
                return returned == shipped ? "returned" : "shipped"
            }
            if isProcessing { return "processing" }
            if isDeclined { return "payment_failed" }
            return captured >= placed.payableMinor ? "paid" : "pending"
        }
    }

    /// The changes of the public status that DOMAIN 3.2 knows.
    private static let moves: [String: Set<String>] = [
        "pending": ["paid", "payment_failed", "cancelled", "expired"],
        "paid": ["processing", "shipped", "cancelled"], "payment_failed": ["cancelled"],
        "processing": ["shipped", "cancelled"], "shipped": ["returned"],
    ]

    private var accounts: [OrderID: Account] = [:]
    private var prices: [SKU: Int64] = [:]
    /// When each message of the bank was taken in, by its id.
    private var messages: [String: Instant] = [:]
    private var findings: [Finding] = []

    init() {}

    mutating func follow(_ step: AuditStep) -> [Finding] {
        findings = violations(in: step.after)
        judgePrices(step)
        for fact in step.facts { take(fact.event, step) }
        for id in accounts.keys.sorted() { judge(id, step.after) }
        return findings
    }

    private mutating func note(_ property: String, _ text: String) {
        findings.append(Finding(property, text))
    }

    // MARK: Prices

    /// A command about the catalogue changes nothing about orders.
    private mutating func judgePrices(_ step: AuditStep) {
        switch step.command {
        case .changePrice, .renameProduct, .discontinueProduct: break
        default: return
        }
        for id in accounts.keys.sorted() where step.before.order(id) != step.after.order(id) {
            note("P-15", "\(id) was changed by \(step.command.name)")
        }
    }

    private mutating func place(_ event: OrderPlaced, _ step: AuditStep) {
        var (net, tax) = (Int128(0), Int128(0))
        for line in event.lines {
            let lineNet = Int128(line.unitPriceMinor) * Int128(line.quantity.rawValue)
            if lineNet != Int128(line.netMinor) {
                note("P-10", "line \(line.lineNumber): net \(line.netMinor), not \(lineNet)")
            }
            if !line.priceOverridden, prices[line.sku] != line.unitPriceMinor {
                note("P-10", "line \(line.lineNumber): \(line.unitPriceMinor) is not the price")
            }
            let lineTax = TaxArithmetic.tax(
                on: lineNet, at: step.context.settings.taxRate, step.context.settings.rounding)
            if lineTax != Int128(line.taxMinor) {
                note("P-11", "line \(line.lineNumber): tax \(line.taxMinor), not \(lineTax)")
            }
            net += lineNet
            tax += Int128(line.taxMinor)
        }
        if net != Int128(event.netMinor) || tax != Int128(event.taxMinor)
            || net + tax != Int128(event.payableMinor)
        {
            note(
                "P-10",
                "net \(event.netMinor), tax \(event.taxMinor), payable \(event.payableMinor); the "
                    + "lines say \(net) and \(tax)")
        }
        accounts[event.orderID] = Account(placed: event)
    }

    // MARK: Events

    private mutating func take(_ event: Event, _ step: AuditStep) {
        switch event {
        case .productAdded(let event): prices[event.sku] = event.price.minor
        case .priceChanged(let event): prices[event.sku] = event.newPrice.minor
        case .orderPlaced(let event): place(event, step)
        case .gatewayEventReceived(let event):
            let now = step.context.now
            let last = messages.updateValue(now, forKey: event.providerEventID)
            if let last, now <= last.advanced(bySeconds: 30 * 86_400) {
                note("P-38", "\(event.providerEventID) is taken in twice")
            }
        default:
            guard let id = event.orderID, var account = accounts[id] else { return }
            take(event, of: id, &account)
            accounts[id] = account
        }
    }

    private mutating func take(_ event: Event, of id: OrderID, _ account: inout Account) {
        switch event {
        case .orderCancelled: account.closure = "cancelled"
        case .orderExpired: account.closure = "expired"
        case .processingStarted: account.isProcessing = true
        case .shipmentDispatched(let event):
            account.shipped += event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
        case .returnReceived(let event):
            account.returned += event.lines.reduce(0) { $0 + Int64($1.received) }
        case .refundRequested, .refundSucceeded, .refundFailed: refund(event, of: id, &account)
        default: charge(event, of: id, &account)
        }
    }

    private mutating func charge(_ event: Event, of id: OrderID, _ account: inout Account) {
        switch event {
        case .paymentRequested:
            account.requestCount += 1
            account.isChargeOpen = true
            if account.requestCount > 1 { note("P-13", "\(id) is charged under a second key") }
        case .paymentAuthorized(let event):
            account.authorised = event.amount.minor
            account.isChargeOpen = false
        case .paymentCaptureRequested(let event):
            if account.openCapture != nil { note("P-13", "\(id): two captures at once") }
            account.openCapture = event.captureID
            if event.amount.minor > account.authorised - account.captured {
                note("P-12", "\(id): more is to be captured than is authorised")
            }
        case .paymentCaptured(let event):
            account.captured += event.amount.minor
            account.isChargeOpen = false
            account.openCapture = nil
        case .paymentDeclined(let event):
            account.openCapture = nil
            if event.captureID == nil {
                if account.captured + account.stray > 0 {
                    note("P-13", "\(id): declined although money is here")
                }
                account.isDeclined = true
                account.isChargeOpen = false
            }
        case .latePaymentReceived(let event):
            account.stray += event.actual.minor
            account.openCapture = nil
            account.isChargeOpen = false
        case .paymentAmountMismatchDetected(let event):
            guard account.isChargeOpen || account.openCapture != nil else { return }
            account.stray += event.actual.minor
            account.isChargeOpen = false
            account.openCapture = nil
        default: break
        }
    }

    private mutating func refund(_ event: Event, of id: OrderID, _ account: inout Account) {
        switch event {
        case .refundRequested(let event):
            account.refunds[event.refundID] = event.amount.minor
            account.openRefunds.insert(event.refundID)
            if account.back > account.captured + account.stray {
                note(
                    "P-12",
                    "\(id): \(account.back) is to go back of \(account.captured + account.stray)")
            }
        case .refundSucceeded(let event):
            if account.openRefunds.remove(event.refundID) == nil {
                note("P-12", "\(id): \(event.refundID) went back twice")
            }
            account.refunds[event.refundID] = event.amount.minor
        case .refundFailed(let event):
            if account.openRefunds.remove(event.refundID) == nil {
                note("P-12", "\(id): \(event.refundID) was settled twice")
            }
            account.refunds[event.refundID] = 0
        default: break
        }
    }

    // MARK: After each step

    private mutating func judge(_ id: OrderID, _ state: Shop) {
        guard var account = accounts[id], let order = state.order(id) else {
            return note("P-14", "\(id) is gone")
        }
        let most = max(account.placed.payableMinor, account.authorised)
        if account.captured > most {
            note("P-12", "\(id): captured \(account.captured) of \(most)")
        }
        let status = account.derivedStatus
        if order.status.name != status {
            note("P-14", "\(id) is \(order.status.name), but \(status) by its events")
        }
        if account.status != status,
            MoneyBook.moves[account.status]?.contains(status) != true
        {
            note("P-14", "\(id) went from \(account.status) to \(status)")
        }
        account.status = status
        for intent in order.pendingIntents {
            if case .charge(let charge) = intent.kind {
                account.chargeKeys.insert(charge.gatewayKey)
            }
        }
        if account.chargeKeys.count > 1 {
            note("P-13", "\(id) is charged under \(account.chargeKeys.sorted())")
        }
        accounts[id] = account
    }
}

/// Tax in other words than the shop's: with halves counted in twentieths of a thousandth.
enum TaxArithmetic {
    /// - Parameter net: not negative.
    static func tax(on net: Int128, at rate: BasisPoints, _ rounding: Rounding) -> Int128 {
        let doubled = net * Int128(rate.rawValue) * 2
        let floor = doubled / 20_000
        switch (doubled % 20_000, rounding) {
        case (..<10_000, _): return floor
        case (10_000, .halfEven): return floor % 2 == 0 ? floor : floor + 1
        default: return floor + 1
        }
    }
}
