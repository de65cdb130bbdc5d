import DaybookCore

extension Rejection {
    /// The facts, with names in a fixed order; what ``code`` stands for in DOMAIN 4.7.
    public var details: [RejectionDetail] {
        switch self {
        case .insufficientStock(let lines): Rejection.shortageDetails(lines)
        case .validationFailed(let fields):
            [
                .init(
                    "fields",
                    .list(fields.map { [.init("field", $0.field), .init("problem", $0.problem)] }))
            ]
        case .invalidQuantity(let lines):
            [
                .init(
                    "lines",
                    .list(
                        lines.map {
                            [
                                .init("line_number", number: $0.lineNumber),
                                .init("quantity", number: $0.quantity),
                            ]
                        }))
            ]
        case .overShipment(let lines), .overReturn(let lines):
            [.init("lines", .list(lines.map(Rejection.excessFields)))]
        case .illegalTransition(let refused):
            [
                .init("order_id", refused.order), .init("from", refused.from.name),
                .init("command", refused.command), .init("allowed", .texts(refused.allowed)),
            ]
        case .tooManyLines(let count, let limit):
            [.init("count", number: count), .init("limit", number: limit)]
        case .invalidLimit(let limit, let allowed):
            [
                .init("limit", number: limit), .init("minimum", number: allowed.lowerBound),
                .init("maximum", number: allowed.upperBound),
            ]
        case .priceChanged(let expected, let actual):
            [.init("expected_total", expected), .init("actual_total", actual)]
        case .currencyMismatch(let expected, let actual):
            [.init("expected", expected), .init("actual", actual)]
        case .invalidPrice(let price, let maximum):
            [.init("price", price), .init("maximum_minor", number: maximum)]
        case .invalidEmail(let rule): [.init("rule", rule.name)]
        case .weakPassword(let rule): [.init("rule", rule.name)]
        case .rateLimited(let retryAt): [.init("retry_at", retryAt)]
        default: subjectDetails
        }
    }

    private static func shortageDetails(_ lines: [LineShortage]) -> [RejectionDetail] {
        guard let first = lines.first else { return [] }
        return shortageFields(first) + [.init("lines", .list(lines.map(shortageFields)))]
    }

    private static func shortageFields(_ line: LineShortage) -> [RejectionDetail] {
        [
            .init("line_number", number: line.lineNumber), .init("sku", line.sku),
            .init("available", number: line.available),
            .init("requested", number: line.requested), .init("reason", line.reason.name),
        ]
    }

    private static func excessFields(_ line: LineExcess) -> [RejectionDetail] {
        [
            .init("line_number", number: line.lineNumber),
            .init("requested", number: line.requested), .init("limit", number: line.limit),
        ]
    }

    private var subjectDetails: [RejectionDetail] {
        switch self {
        case .forbidden(let what): [.init("what", what)]
        case .duplicateSKU(let sku), .notStocked(let sku): [.init("sku", sku)]
        case .productNotFound(let sku): [.init("sku", sku)]
        case .stockConflict(let sku, let expected, let onHand):
            [
                .init("sku", sku), .init("expected_on_hand", number: expected),
                .init("on_hand", number: onHand),
            ]
        case .negativeStock(let sku, let onHand, let reserved, let delta):
            [
                .init("sku", sku), .init("on_hand", number: onHand),
                .init("reserved", number: reserved), .init("delta", number: delta),
            ]
        case .userNotFound(let user), .accountDisabled(let user), .emailNotVerified(let user):
            [.init("user_id", user)]
        case .orderNotFound(let order): [.init("order_id", order)]
        case .returnNotFound(let returnID): [.init("return_id", returnID)]
        case .notDue(let order, let deadline):
            [.init("order_id", order)] + (deadline.map { [.init("deadline", $0)] } ?? [])
        case .idempotencyKeyReused(let key), .requestInProgress(let key): [.init("key", key)]
        case .conflict(let position): [.init("position", number: position.rawValue)]
        default: paymentDetails
        }
    }

    private var paymentDetails: [RejectionDetail] {
        switch self {
        case .paymentNotFound(let payment): [.init("payment_id", payment)]
        case .paymentInFlight(let order): [.init("order_id", order)]
        case .staleAttempt(let payment, let attempt, let current):
            [
                .init("payment_id", payment), .init("attempt", number: attempt),
                .init("current", number: current),
            ]
        case .authorizationExpired(let payment, let at):
            [.init("payment_id", payment), .init("expired_at", at)]
        case .amountExceedsAuthorized(let limit, let amount),
            .amountExceedsCaptured(let limit, let amount):
            [.init("limit", limit), .init("amount", amount)]
        case .paymentFailed(let order, let reason, let declineCode):
            [
                .init("order_id", order), .init("reason", reason),
                .init("decline_code", declineCode),
            ]
        case .paymentPending(let order):
            [.init("order_id", order), .init("status", OrderStatus.pending.name)]
        case .captureFailed(let payment, let reason), .refundFailed(let payment, let reason):
            [.init("payment_id", payment), .init("reason", reason)]
        default: []
        }
    }
}
