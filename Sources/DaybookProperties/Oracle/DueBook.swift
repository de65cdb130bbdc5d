import DaybookCore
import DaybookDecisions

/// Which orders are due to be given up, and which ask to be processed.
struct DueBook: AuditBook {
    fileprivate struct Order {
        /// `nil`: nothing was to be paid.
        var deadline: Instant?
        var isAutomatic: Bool
        var payable: Int64
        var captured: Int64 = 0
        var stray: Int64 = 0
        var isPaymentAsked = false
        /// Whether the charge may still bring money.
        var isChargeOpen = false
        var isAuthorised = false
        var openCapture = false
        var isVoidAsked = false
        var isHeld = false
        var isOver = false
        var isSent = false
        var isProcessing = false

        var money: Int64 { captured + stray }
        var isInFlight: Bool {
            isChargeOpen || isAuthorised && isAutomatic && !isVoidAsked || openCapture
        }

        func isDue(at now: Instant) -> Bool {
            guard let deadline, deadline <= now, isPaymentAsked else { return false }
            return !isOver && !isSent && money == 0 && !isInFlight && !isHeld
        }

        var isReady: Bool {
            !isOver && !isSent && !isProcessing && !isHeld && captured >= payable
        }
    }

    private var orders: [OrderID: Order] = [:]
    private var findings: [Finding] = []

    init() {}

    mutating func follow(_ step: AuditStep) -> [Finding] {
        findings = []
        let ready = Set(orders.filter(\.value.isReady).keys)
        for (offset, fact) in step.facts.enumerated() {
            take(fact, next: step.facts.dropFirst(offset + 1).first?.event, step)
        }
        compareDue(step)
        let newlyReady = orders.filter { $0.value.isReady && !ready.contains($0.key) }.keys
        compareFollowUps(step, Set(newlyReady))
        return findings
    }

    private mutating func note(_ property: String, _ text: String) {
        findings.append(Finding(property, text))
    }

    // MARK: Comparing

    private mutating func compareDue(_ step: AuditStep) {
        for moment in [step.context.now, step.context.now.advanced(bySeconds: 86_400)] {
            let due = FollowUps.commandsDue(at: moment, in: step.after, limit: .max)
            let named = Set(
                due.compactMap { command -> OrderID? in
                    if case .expireOrder(let command) = command { command.order } else { nil }
                })
            let expected = Set(orders.filter { $0.value.isDue(at: moment) }.keys)
            if named != expected {
                note("P-39", "due at \(moment): \(named.sorted()), not \(expected.sorted())")
            }
        }
    }

    /// A paid order asks to be processed, once, and may be.
    private mutating func compareFollowUps(_ step: AuditStep, _ expected: Set<OrderID>) {
        let commands = FollowUps.commands(
            after: Array(step.facts), in: step.after, settings: step.context.settings)
        let asked = commands.compactMap { command -> OrderID? in
            if case .startProcessing(let command) = command { command.order } else { nil }
        }
        if asked.count != Set(asked).count || Set(asked) != expected {
            note("Q-2", "to be processed: \(asked), not \(expected.sorted())")
        }
        var context = step.context
        context.actor = .system
        for command in commands {
            do throws(Rejection) {
                _ = try ShopDecider.decide(command, given: step.after, in: &context)
            } catch {
                note("Q-2", "\(command) is refused: \(error)")
            }
        }
    }

    // MARK: Events

    private mutating func take(_ fact: Fact, next: Event?, _ step: AuditStep) {
        if case .orderPlaced(let event) = fact.event {
            let wait = step.context.settings.paymentDeadline
            orders[event.orderID] = Order(
                deadline: event.payableMinor == 0
                    ? nil : wait.map { step.context.now.advanced(bySeconds: $0) },
                isAutomatic: event.captureMode == .automatic, payable: event.payableMinor)
            return
        }
        guard let id = fact.event.orderID, var order = orders[id] else { return }
        if case .orderExpired = fact.event, !order.isDue(at: step.context.now) {
            note("P-39", "\(id) expires although it is not due or money may come")
        }
        if case .latePaymentReceived(let event) = fact.event, event.actual.minor > 0 {
            guard case .refundRequested(let refund) = next, refund.amount == event.actual else {
                return note("P-39", "\(id): \(event.actual) came too late and does not go back")
            }
        }
        DueBook.take(fact.event, &order)
        orders[id] = order
    }

    private static func take(_ event: Event, _ order: inout Order) {
        switch event {
        case .orderCancelled, .orderExpired: order.isOver = true
        case .processingStarted: order.isProcessing = true
        case .shipmentDispatched: order.isSent = true
        case .paymentRequested:
            order.isPaymentAsked = true
            order.isChargeOpen = true
        case .paymentAuthorized:
            order.isChargeOpen = false
            order.isAuthorised = true
        case .paymentCaptureRequested: order.openCapture = true
        case .paymentCaptured(let event): order.take(captured: event.amount.minor)
        case .paymentDeclined(let event):
            order.openCapture = false
            if event.captureID == nil {
                order.end()
                order.isOver = true
            }
        case .paymentVoidRequested: order.isVoidAsked = true
        case .paymentVoided: order.end()
        case .latePaymentReceived(let event): order.take(stray: event.actual.minor)
        case .paymentAmountMismatchDetected(let event):
            order.isHeld = true
            if order.isChargeOpen || order.openCapture { order.take(stray: event.actual.minor) }
        default: break
        }
    }
}

extension DueBook.Order {
    fileprivate mutating func end() {
        isChargeOpen = false
        isAuthorised = false
        isVoidAsked = false
    }

    fileprivate mutating func take(captured: Int64 = 0, stray: Int64 = 0) {
        self.captured += captured
        self.stray += stray
        isChargeOpen = false
        isAuthorised = false
        openCapture = false
        isVoidAsked = false
    }
}
