import DaybookCore

/// An order's way after it was placed: completed, processed, given up.
enum OrderDecider {
    /// Asks for the capture of what is authorised (T-06). Nothing is asked twice: while a capture is in
    /// flight and once the order is paid there is nothing left to do.
    static func complete(
        _ command: CompleteOrder, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        guard order.closure == .open, !order.isDeclined, !order.isHeld else {
            throw order.illegal(CompleteOrder.name)
        }
        guard !order.isPaid, let payment = order.payment,
            payment.capture == nil || Mutant.capturedTwiceAtOnce.isPlanted
        else { return [] }
        return try PaymentDecider.requestCapture(
            of: payment, for: order, amount: nil, command: CompleteOrder.name, in: &context)
    }

    static func startProcessing(
        _ command: StartProcessing, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        if order.isProcessing && order.closure == .open { return [] }
        guard order.status == .paid, !order.isHeld else {
            throw order.illegal(StartProcessing.name)
        }
        return [.processingStarted(ProcessingStarted(orderID: order.id))]
    }

    /// Gives the order up (T-10): its stock is free again, its authorisation is voided, its money goes
    /// back. A charge that is still in flight is dealt with when its outcome arrives (T-15).
    static func cancel(
        _ command: CancelOrder, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        if order.closure == .cancelled { return [] }
        guard order.closure == .open,
            order.shippedUnits == 0 || Mutant.cancelledAfterShipping.isPlanted
        else {
            throw order.illegal(CancelOrder.name)
        }
        var events: [Event] = [
            .orderCancelled(OrderCancelled(orderID: order.id, reason: command.reason))
        ]
        let kept =
            Mutant.firstLineReleasedOnly.isPlanted
            ? Array(order.keptLines.prefix(1)) : order.keptLines
        if !kept.isEmpty, !Mutant.stockKeptAfterCancel.isPlanted {
            events.append(
                .stockReleased(
                    StockReleased(orderID: order.id, lines: kept, reason: .cancelled)))
        }
        if let payment = order.payment {
            events += PaymentDecider.givingBack(
                payment, of: order, reason: "order cancelled", in: &context)
        }
        return events
    }

    /// Gives an unpaid order up (T-12), never while money is here or may still come.
    static func expire(
        _ command: ExpireOrder, given shop: Shop, in context: DecisionContext
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        if order.closure == .expired { return [] }
        guard order.status == .pending else { throw order.illegal(ExpireOrder.name) }
        guard let deadline = order.expiresAt,
            deadline <= context.now || Mutant.expiredTooEarly.isPlanted
        else {
            throw .notDue(order.id, deadline: order.expiresAt)
        }
        guard order.canExpire || Mutant.expiredWithMoneyInFlight.isPlanted else {
            throw .paymentInFlight(order.id)
        }
        var events: [Event] = [
            .orderExpired(OrderExpired(orderID: order.id, deadline: deadline))
        ]
        let kept = order.keptLines
        if !kept.isEmpty, !Mutant.stockKeptAfterExpiry.isPlanted {
            events.append(
                .stockReleased(StockReleased(orderID: order.id, lines: kept, reason: .expired)))
        }
        if let payment = order.payment {
            events += PaymentDecider.voiding(payment, of: order)
        }
        return events
    }
}
