import DaybookCore
import DaybookDecisions

/// Who was to be told what, and why.
struct MailBook: AuditBook {
    private var causes: Set<[String]> = []
    private var open: Set<MailID> = []
    private var captured: [OrderID: Int64] = [:]
    private var payable: [OrderID: Int64] = [:]
    private var imported: Set<OrderID> = []
    private var noticedAt: [UserID: Instant] = [:]
    private var findings: [Finding] = []

    init() {}

    mutating func follow(_ step: AuditStep) -> [Finding] {
        findings = []
        for fact in step.facts { take(fact) }
        return findings
    }

    private mutating func note(_ text: String) {
        findings.append(Finding("P-37", text))
    }

    private mutating func take(_ fact: Fact) {
        switch fact.event {
        case .orderPlaced(let event):
            payable[event.orderID] = event.payableMinor
            if event.origin == .imported { imported.insert(event.orderID) }
        case .paymentCaptured(let event):
            captured[event.orderID, default: 0] += event.amount.minor
        case .mailRequested(let event): queue(event, at: fact.recordedAt)
        case .mailSent(let event):
            if open.remove(event.mailID) == nil { note("\(event.mailID) is sent twice") }
        case .mailFailed(let event):
            if !open.contains(event.mailID) { note("\(event.mailID) fails after its end") }
            if !event.willRetry { open.remove(event.mailID) }
        default: break
        }
    }

    private mutating func queue(_ event: MailRequested, at now: Instant) {
        open.insert(event.mailID)
        if event.template == .alreadyRegistered {
            if let last = noticedAt[event.userID], now < last.advanced(bySeconds: 3_600) {
                note("\(event.userID) is told twice within an hour")
            }
            noticedAt[event.userID] = now
            return
        }
        let cause = [
            event.template.name, event.userID.description, event.orderID?.description ?? "",
            event.verificationID?.description ?? "",
        ]
        if !causes.insert(cause).inserted { note("queued twice: \(cause)") }
        guard let order = event.orderID else { return }
        if imported.contains(order) { note("\(order) was imported, and somebody is told") }
        if captured[order, default: 0] < payable[order, default: 0] {
            note("\(order) is confirmed before it is paid")
        }
    }
}
