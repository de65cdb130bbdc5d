public import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookVault

extension Daybook {
    /// The result of a request that may have asked for money: waits are over, so the order says.
    ///
    /// - Throws: `payment_failed` for an order that stands unpaid, `capture_failed`, `payment_pending`
    ///   while nobody knows, `request_in_progress` for a repeat of what is still at work.
    func settled(
        _ handled: Handled, of request: Request
    ) throws(DaybookError) -> CommandResult {
        let result = handled.result
        guard request.commands.count == 1 else { return try settledOrders(of: handled) }
        switch request.commands[0] {
        case .createOrder:
            guard case .order(var outcome) = result.value, outcome.payment != nil else {
                return result
            }
            outcome.status = try statusAfterPayment(of: outcome.orderID, handled)
            var result = result
            result.values = [.order(outcome)]
            return result
        case .completeOrder, .capturePayment, .refundPayment:
            try checkMoneyMoved(result)
            return result
        default: return result
        }
    }

    /// The orders of a transaction stand together whatever the bank says of each.
    private func settledOrders(of handled: Handled) throws(DaybookError) -> CommandResult {
        var settled = handled.result
        for (index, value) in handled.result.values.enumerated() {
            guard case .order(var outcome) = value, outcome.payment != nil else { continue }
            do throws(DaybookError) {
                outcome.status = try statusAfterPayment(of: outcome.orderID, handled)
            } catch {
                guard case .paymentFailed = error.kind else { continue }
                outcome.status = .paymentFailed
            }
            settled.values[index] = .order(outcome)
        }
        return settled
    }

    /// What the payment has made of an order; later steps do not count, so a repeat answers the same.
    private func statusAfterPayment(
        of order: OrderID, _ handled: Handled
    ) throws(DaybookError) -> OrderStatus {
        let isRepeat = handled.result.isRepeat
        let known = handled.payments
        let isUnknown = known.contains {
            if case .outcomeUnknown = $0.kind { $0.order == order } else { false }
        }
        if !isRepeat, !isUnknown, let status = try status(of: order, after: known) {
            return status
        }
        // A repeat, or perhaps settled meanwhile by a message: the log says.
        let recorded: [PaymentStep]
        do {
            recorded = try reader.facts(tagged: order.tag).compactMap { PaymentStep($0.event) }
        } catch {
            throw DaybookError(reading: error)
        }
        if let status = try status(of: order, after: recorded) { return status }
        guard !isRepeat else {
            throw DaybookError(
                .requestInProgress, "the payment of order \(order) is still being made; retry")
        }
        return .pending
    }

    /// `nil` while the payment has no outcome; steps of other orders do not count.
    private func status(
        of order: OrderID, after steps: [PaymentStep]
    ) throws(DaybookError) -> OrderStatus? {
        var isUnknown = false
        var isAuthorized = false
        for step in steps where step.order == order {
            switch step.kind {
            case .captured: return .paid
            // The money was reserved, and the first answer said so; taking it is a later step.
            case .captureRequested: return .pending
            case .authorized:
                isAuthorized = true
                isUnknown = false
            case .mismatched(let expected, let actual):
                throw .held(order, expecting: expected, taking: actual)
            case .declined(let code, let reason):
                throw DaybookError(
                    .paymentFailed(order: order, code: code),
                    "the payment of order \(order) failed: \(reason)")
            case .outcomeUnknown: isUnknown = true
            }
        }
        guard !isUnknown else {
            throw DaybookError(
                .paymentPending(order: order),
                "whether order \(order) is paid is not known yet; it is settled by asking the "
                    + "bank, never by guessing")
        }
        return isAuthorized ? .pending : nil
    }

    /// Whether the capture or refund that a request has asked for was made; nothing for one that asked
    /// for none.
    ///
    /// - Throws: `capture_failed`, `payment_pending`; `request_in_progress` for a repeat of what has no
    ///   outcome, perhaps a call of a process that has ended: a yes now could be a no later.
    private func checkMoneyMoved(_ result: CommandResult) throws(DaybookError) {
        guard let positions = result.positions,
            let (order, outcomes) = try moneyMoved(because: positions)
        else { return }
        // The first yes or no stands: what comes later is about another capture, or late money.
        switch outcomes.first(where: \.isDefinite) ?? outcomes.last {
        case .paymentDeclined(let declined):
            throw DaybookError(
                .captureFailed(payment: declined.paymentID, code: declined.code),
                "the capture of payment \(declined.paymentID) failed: \(declined.reason)")
        case .refundFailed(let failed):
            throw DaybookError(
                .captureFailed(payment: failed.paymentID, code: failed.code),
                "the refund \(failed.refundID) of payment \(failed.paymentID) failed: "
                    + failed.code)
        case .paymentOutcomeUnknown(let unknown):
            throw DaybookError(
                .paymentPending(order: unknown.orderID),
                "whether the money of order \(unknown.orderID) was taken is not known yet; it is "
                    + "settled by asking the bank, never by guessing")
        case .paymentAmountMismatchDetected(let mismatch):
            throw .held(order, expecting: mismatch.expected, taking: mismatch.actual)
        case .latePaymentReceived(let late):
            throw DaybookError(
                .captureFailed(payment: late.paymentID, code: "order_closed"),
                "order \(order) was closed while the bank took its money; the money goes back")
        case nil where result.isRepeat:
            throw DaybookError(
                .requestInProgress, "the money of order \(order) is still being moved; retry")
        case nil:
            // A refund is asked for again until the bank says yes or no.
            throw DaybookError(
                .paymentPending(order: order),
                "whether the money of order \(order) was moved is not known yet; the bank is asked "
                    + "again, and a repeat with the same key tells what it said")
        default: return
        }
    }

    /// What the bank said, in log order, to the captures and refunds that a batch asked for.
    ///
    /// - Returns: `nil` when it asked for none.
    private func moneyMoved(
        because positions: ClosedRange<LogPosition>
    ) throws(DaybookError) -> (order: OrderID, outcomes: [Event])? {
        do {
            guard let batch = try reader.batch(containing: positions.lowerBound) else { return nil }
            let asked = try FactBatch(batch, reader.upcasters).facts.map(\.event)
            let captures = asked.compactMap(\.requestedCapture)
            let refunds = asked.compactMap(\.requestedRefund)
            guard !captures.isEmpty || !refunds.isEmpty,
                let order = asked.lazy.compactMap(\.orderID).first
            else { return nil }
            let outcomes = try reader.facts(tagged: order.tag)
                .filter { $0.position > positions.upperBound }.map(\.event)
                .filter { $0.isOutcome(ofOneOf: captures, refunds) }
            return (order, outcomes)
        } catch {
            throw DaybookError(reading: error)
        }
    }

    /// The account of an address, if there is one.
    ///
    /// - Throws: `rejected` for a text that is no address.
    public func user(withEmail email: String) async throws(DaybookError) -> UserID? {
        let canonical: CanonicalEmail
        do throws(Rejection) {
            canonical = try CanonicalEmail(email)
        } catch {
            throw .rejected(error)
        }
        let digest = vault.digest(of: canonical.canonical)
        return await writer.inspect { $0.shop.userID(forEmail: digest) } ?? nil
    }

    /// The token of the newest verification link of a user, as the mail carries it; `nil` for a user
    /// that has none.
    ///
    /// For operators and imports: whoever holds the vault can make it, nobody else.
    public func verificationToken(for user: UserID) async throws(DaybookError) -> String? {
        do {
            let facts = try reader.facts(tagged: user.tag)
            let issued = facts.lazy.reversed().compactMap { fact -> VerificationIssued? in
                if case .verificationIssued(let event) = fact.event { event } else { nil }
            }.first
            return issued.map {
                vault.token(
                    for: $0.verificationID, user: $0.userID, purpose: $0.purpose,
                    expiresAt: $0.expiresAt)
            }
        } catch {
            throw DaybookError(reading: error)
        }
    }
}

extension Event {
    fileprivate var requestedCapture: CaptureID? {
        if case .paymentCaptureRequested(let event) = self { event.captureID } else { nil }
    }

    fileprivate var requestedRefund: RefundID? {
        if case .refundRequested(let event) = self { event.refundID } else { nil }
    }

    fileprivate var isDefinite: Bool {
        if case .paymentOutcomeUnknown = self { false } else { true }
    }

    fileprivate func isOutcome(ofOneOf captures: [CaptureID], _ refunds: [RefundID]) -> Bool {
        switch self {
        case .paymentCaptured(let event): event.captureID.map(captures.contains) ?? false
        case .paymentDeclined(let event): event.captureID.map(captures.contains) ?? false
        // These name no capture; an order has one at a time.
        case .paymentOutcomeUnknown, .paymentAmountMismatchDetected, .latePaymentReceived:
            !captures.isEmpty
        case .refundSucceeded(let event): refunds.contains(event.refundID)
        case .refundFailed(let event): refunds.contains(event.refundID)
        default: false
        }
    }
}

extension DaybookError {
    fileprivate static func held(
        _ order: OrderID, expecting expected: Money, taking actual: Money
    ) -> DaybookError {
        DaybookError(
            .paymentPending(order: order),
            "the bank took \(actual) instead of \(expected) for order \(order); the order is held "
                + "until a person cancels it, which gives the money back")
    }
}
