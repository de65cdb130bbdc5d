import DaybookCore

/// The rules of the whole shop: which command leads to which events, and what events change.
///
/// Pure: the same command, state and context always give the same events. Each subject has its own
/// decider; this one sends commands to them.
package enum ShopDecider: Decider {
    package static var initial: Shop { Shop() }

    package static func decide(
        _ command: PreparedCommand, given state: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        try Authority.check(command, given: state, in: context)
        switch command {
        case .addProduct(let command):
            return try CatalogueDecider.add(command, given: state, in: context)
        case .changePrice(let command):
            return try CatalogueDecider.changePrice(command, given: state, in: context)
        case .renameProduct(let command):
            return try CatalogueDecider.rename(command, given: state)
        case .discontinueProduct(let command):
            return try CatalogueDecider.discontinue(command, given: state)
        case .receiveStock(let command): return try StockDecider.receive(command, given: state)
        case .adjustStock(let command): return try StockDecider.adjust(command, given: state)
        case .registerUser, .verifyEmail, .resendVerification, .deactivateUser, .reactivateUser,
            .noticeRegistered:
            return try decideUser(command, given: state, in: &context)
        case .createOrder, .completeOrder, .startProcessing, .shipOrder, .cancelOrder,
            .expireOrder, .requestReturn, .receiveReturn:
            return try decideOrder(command, given: state, in: &context)
        case .capturePayment, .voidPayment, .refundPayment, .ingestGatewayEvent,
            .reconcilePayments, .recordPaymentOutcome:
            return try decidePayment(command, given: state, in: &context)
        case .recordMailOutcome(let command): return MailDecider.record(command, given: state)
        case .skipProjectionEvent(let command): return try OperationsDecider.skip(command)
        }
    }

    private static func decideUser(
        _ command: PreparedCommand, given state: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .registerUser(let registration):
            try UserDecider.register(registration, given: state, in: &context)
        case .verifyEmail(let redemption):
            try UserDecider.verify(redemption, given: state, in: context)
        case .resendVerification(let renewal):
            try UserDecider.resend(renewal, given: state, in: &context)
        case .deactivateUser(let command): try UserDecider.deactivate(command, given: state)
        case .reactivateUser(let command): try UserDecider.reactivate(command, given: state)
        case .noticeRegistered(let digest):
            UserDecider.notice(digest, given: state, in: &context)
        default: []
        }
    }

    private static func decideOrder(
        _ command: PreparedCommand, given state: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .createOrder(let placement):
            try PlacementDecider.place(placement, given: state, in: &context)
        case .completeOrder(let command):
            try OrderDecider.complete(command, given: state, in: &context)
        case .startProcessing(let command):
            try OrderDecider.startProcessing(command, given: state)
        case .shipOrder(let command):
            try ShipmentDecider.ship(command, given: state, in: &context)
        case .cancelOrder(let command):
            try OrderDecider.cancel(command, given: state, in: &context)
        case .expireOrder(let command):
            try OrderDecider.expire(command, given: state, in: context)
        case .requestReturn(let command):
            try ReturnDecider.request(command, given: state, in: &context)
        case .receiveReturn(let command):
            try ReturnDecider.receive(command, given: state)
        default: []
        }
    }

    private static func decidePayment(
        _ command: PreparedCommand, given state: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .capturePayment(let command):
            try PaymentDecider.capture(command, given: state, in: &context)
        case .voidPayment(let command): try PaymentDecider.void(command, given: state)
        case .refundPayment(let command):
            try PaymentDecider.refund(command, given: state, in: &context)
        case .ingestGatewayEvent(let command):
            try GatewayDecider.ingest(command, given: state, in: &context)
        case .recordPaymentOutcome(let command):
            try GatewayDecider.record(command, given: state, in: &context)
        default: []
        }
    }
}
