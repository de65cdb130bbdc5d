import DaybookCore

extension OrderState {
    /// What may be asked of an order that stands so, for the answer to a command that may not.
    var allowedCommands: [String] {
        switch status {
        case .pending: [CompleteOrder.name, CancelOrder.name]
        case .paid: [StartProcessing.name, ShipOrder.name, CancelOrder.name, RefundPayment.name]
        case .paymentFailed: [CancelOrder.name]
        case .processing:
            shippedUnits == 0
                ? [ShipOrder.name, CancelOrder.name, RefundPayment.name]
                : [ShipOrder.name, RequestReturn.name, RefundPayment.name]
        case .shipped, .delivered: [RequestReturn.name, RefundPayment.name]
        case .returned, .cancelled, .expired: [RefundPayment.name]
        }
    }

    func illegal(_ command: String) -> Rejection {
        .illegalTransition(
            IllegalTransition(order: id, from: status, command: command, allowed: allowedCommands))
    }
}

extension Shop {
    func find(_ order: OrderID) throws(Rejection) -> OrderState {
        guard let state = orders[order] else { throw .orderNotFound(order.description) }
        return state
    }

    func findOrder(
        of payment: PaymentID
    ) throws(Rejection) -> (order: OrderState, payment: PaymentAccount) {
        guard let order = order(ofPayment: payment), let account = order.payment,
            account.id == payment
        else { throw .paymentNotFound(payment) }
        return (order, account)
    }
}
