import DaybookCore

/// What the gateway tells: outcomes of calls, and messages of its own accord.
enum GatewayDecider {
    /// Records what became of a call (T-02 to T-06, T-15).
    static func record(
        _ command: RecordPaymentOutcome, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let (order, payment) = try shop.findOrder(of: command.payment)
        if case .charge(let attempt) = command.call, attempt != payment.attempt {
            throw .staleAttempt(payment.id, attempt: attempt, current: payment.attempt)
        }
        let news = PaymentNews(call: command.call, outcome: command.outcome)
        let events = PaymentSettlement.events(after: news, of: order, in: &context)
        let more = catchingUp(after: events, of: order, given: shop, in: &context)
        return more.isEmpty ? events : events + more
    }

    /// Takes in a message: each once, whether or not its payment is known yet; never dropped.
    static func ingest(
        _ command: IngestGatewayEvent, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        guard command.providerEventID.isVisibleText(ofAtMost: 255) else {
            throw .validationFailed([
                FieldProblem(
                    field: "provider_event_id", problem: "must be 1 to 255 visible characters")
            ])
        }
        guard
            !shop.inbox.hasSeen(command.providerEventID) || PlantedBug.messageTakenTwice.isPlanted
        else { return [] }
        let (order, call) = find(command.reference, in: shop)
        let payment = order?.payment
        let received = Event.gatewayEventReceived(
            GatewayEventReceived(
                providerEventID: command.providerEventID, kind: command.kind,
                reference: command.reference, digest: command.digest, paymentID: payment?.id,
                amount: command.amount, occurredAt: command.occurredAt, matched: payment != nil))
        guard let order, let payment, !isStale(call, for: payment) else { return [received] }
        // The provider's own name: the one that we have learnt, else the one that it tells.
        let told = command.paymentReference ?? command.reference
        let name = payment.reference.isEmpty ? told : payment.reference
        guard
            let outcome = outcome(
                of: command.kind, amount: command.amount, reference: name)
        else { return [received] }
        let news = PaymentNews(
            call: refundCall(call, kind: command.kind, amount: command.amount, payment),
            outcome: outcome)
        let events = PaymentSettlement.events(after: news, of: order, in: &context)
        return [received] + events + catchingUp(after: events, of: order, given: shop, in: &context)
    }

    /// The order and call that a message speaks of: by the key it quotes or by the provider's name.
    private static func find(
        _ reference: String, in shop: Shop
    ) -> (order: OrderState?, call: PaymentCall?) {
        if let key = GatewayKey(reference) {
            let order = shop.order(key.order)
            return switch key {
            case .charge(_, let attempt): (order, .charge(attempt: attempt))
            case .capture(_, let capture): (order, .capture(capture))
            case .void: (order, .void)
            case .refund(_, let refund): (order, .refund(refund))
            }
        }
        return (
            shop.orders.payment(withReference: reference).flatMap(shop.order(ofPayment:)), nil
        )
    }

    private static func isStale(_ call: PaymentCall?, for payment: PaymentAccount) -> Bool {
        if case .charge(let attempt) = call { attempt != payment.attempt } else { false }
    }

    /// What a message says. A message without the amount that it speaks of proves nothing (D-19): it is
    /// kept, and the payment stays to be asked for.
    private static func outcome(
        of kind: GatewayEventKind, amount: Money?, reference: String
    ) -> PaymentOutcome? {
        switch kind {
        case .authorized:
            amount.map { .authorized(reference: reference, amount: $0, expiresAt: nil) }
        case .captured: amount.map { .captured(reference: reference, amount: $0) }
        case .refunded: amount.map { .refunded(reference: reference, amount: $0) }
        case .voided: .voided(reference: reference)
        case .declined:
            .declined(code: "declined", reason: "The provider declined the payment.")
        case .refundFailed:
            .declined(code: "refund_failed", reason: "The provider refused the refund.")
        }
    }

    /// A failed refund that is not named is the one in flight of that amount.
    private static func refundCall(
        _ call: PaymentCall?, kind: GatewayEventKind, amount: Money?, _ payment: PaymentAccount
    ) -> PaymentCall? {
        if case .refund = call { return call }
        guard kind == .refundFailed else { return call }
        let refund = payment.refunds.first {
            $0.progress == .requested && (amount == nil || amount?.minor == $0.amountMinor)
        }
        return refund.map { .refund($0.id) } ?? .void
    }

    /// Acts on messages that came before anybody knew whose they were: once the provider's name of a
    /// payment is learnt, those that were kept under it are taken in the order of their arrival.
    private static func catchingUp(
        after events: [Event], of order: OrderState, given shop: Shop,
        in context: inout DecisionContext
    ) -> [Event] {
        guard !shop.inbox.unmatched.isEmpty, !Mutant.earlyMessageForgotten.isPlanted else {
            return []
        }
        var order = order
        for event in events { order.apply(event, at: order.lastPosition) }
        guard let payment = order.payment, !payment.reference.isEmpty else { return [] }
        var caughtUp: [Event] = []
        for message in shop.inbox.unmatched(withReference: payment.reference) {
            guard
                let outcome = outcome(
                    of: message.kind, amount: message.amount, reference: payment.reference)
            else { continue }
            let news = PaymentNews(
                call: refundCall(nil, kind: message.kind, amount: message.amount, payment),
                outcome: outcome)
            let events = PaymentSettlement.events(after: news, of: order, in: &context)
            for event in events { order.apply(event, at: order.lastPosition) }
            caughtUp += events
        }
        return caughtUp
    }
}
