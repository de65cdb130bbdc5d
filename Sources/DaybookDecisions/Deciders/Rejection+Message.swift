extension Rejection {
    /// For people: what failed and what to do. The texts that the reference fixes are its own
    /// (S-022, S-072, S-082, S-084, S-085).
    public var message: String {
        switch self {
        case .tokenInvalidOrExpired: "Invalid or expired token"
        case .tokenUsedOrUnknown: "Token already used or not found"
        case .tokenExpired: "Token has expired"
        case .emailAlreadyRegistered(let email): "Email \(email) is already registered"
        case .insufficientStock(let lines): Rejection.shortageMessage(lines)
        case .validationFailed, .emptyOrder, .invalidQuantity, .tooManyLines, .invalidLimit,
            .invalidPrice, .amountOverflow, .unauthenticated, .forbidden:
            requestMessage
        case .duplicateSKU, .productNotFound, .notStocked, .currencyMismatch, .stockConflict,
            .negativeStock:
            inventoryMessage
        case .invalidEmail, .weakPassword, .userNotFound, .accountDisabled, .emailNotVerified,
            .rateLimited:
            accountMessage
        case .orderNotFound, .priceChanged, .illegalTransition, .overShipment, .returnNotFound,
            .overReturn, .notDue:
            orderMessage
        case .paymentNotFound, .paymentInFlight, .staleAttempt, .authorizationExpired,
            .amountExceedsAuthorized, .amountExceedsCaptured, .paymentFailed, .paymentPending,
            .captureFailed, .refundFailed:
            paymentMessage
        case .idempotencyKeyReused(let key):
            "Idempotency key \(key) was used for another request; take a new key"
        case .requestInProgress(let key):
            "A request with idempotency key \(key) is still running; ask again later"
        case .conflict(let position):
            "Another change at position \(position) came first; read again and retry"
        }
    }

    private static func shortageMessage(_ lines: [LineShortage]) -> String {
        guard let first = lines.first else { return "Insufficient stock" }
        return switch first.reason {
        case .productNotFound: "Product not found"
        case .productDiscontinued: "Product \(first.sku) is no longer on sale"
        case .insufficient:
            "Insufficient stock for \(first.sku): \(first.available) available, "
                + "\(first.requested) requested"
        }
    }

    private var requestMessage: String {
        switch self {
        case .validationFailed(let fields):
            fields.map { "\($0.field): \($0.problem)" }.joined(separator: "; ")
        case .emptyOrder: "An order needs at least one line"
        case .invalidQuantity(let lines):
            "Quantity \(lines.first?.quantity ?? 0) on line \(lines.first?.lineNumber ?? 0) is not "
                + "a number of units that can be ordered"
        case .tooManyLines(let count, let limit):
            "\(count) lines are more than the limit of \(limit)"
        case .invalidLimit(let limit, let allowed):
            "Limit \(limit) is outside \(allowed.lowerBound) to \(allowed.upperBound)"
        case .invalidPrice(let price, _): "\(price) is not a price that can be asked"
        case .amountOverflow: "The amount is too large to be represented"
        case .unauthenticated: "Log in first"
        case .forbidden(let what): "Not allowed: \(what)"
        default: code
        }
    }

    private var inventoryMessage: String {
        switch self {
        case .duplicateSKU(let sku): "Product \(sku) exists already"
        case .productNotFound: "Product not found"
        case .notStocked(let sku):
            "Product \(sku) is not a stocked product and has no stock figures"
        case .currencyMismatch(let expected, let actual):
            "The currency is \(actual), but \(expected) is needed"
        case .stockConflict(let sku, let expected, let onHand):
            "Product \(sku) has \(onHand) on hand, not \(expected); count again"
        case .negativeStock(let sku, let onHand, let reserved, let delta):
            "Product \(sku) has \(onHand) on hand, \(reserved) of them reserved; it cannot change by "
                + "\(delta)"
        default: code
        }
    }

    private var accountMessage: String {
        switch self {
        case .invalidEmail(let rule): "Not an e-mail address (\(rule.name))"
        case .weakPassword(.tooShort(let minimum)):
            "The password needs at least \(minimum) characters"
        case .weakPassword(.tooLong(let maximum)):
            "The password may have at most \(maximum) characters"
        case .weakPassword(.tooCommon): "The password is one that is tried first; choose another"
        case .weakPassword(.containsAddress): "The password must not be the e-mail address"
        case .userNotFound: "User not found"
        case .accountDisabled: "The account is disabled"
        case .emailNotVerified: "The e-mail address is not verified yet"
        case .rateLimited(let retryAt): "Too many requests; try again at \(retryAt)"
        default: code
        }
    }

    private var orderMessage: String {
        switch self {
        case .orderNotFound: "Order not found"
        case .priceChanged(let expected, let actual):
            "The total is \(actual), not \(expected); nothing was ordered"
        case .illegalTransition(let refused):
            "\(refused.command) is not possible for an order that is \(refused.from.name)"
        case .overShipment(let lines): Rejection.excessMessage(lines, verb: "ship")
        case .returnNotFound: "Return not found"
        case .overReturn(let lines): Rejection.excessMessage(lines, verb: "take back")
        case .notDue(_, let deadline?): "The order can be paid until \(deadline)"
        case .notDue(_, nil): "The order has no deadline"
        default: code
        }
    }

    private static func excessMessage(_ lines: [LineExcess], verb: String) -> String {
        guard let first = lines.first else { return "Nothing to \(verb)" }
        return "Cannot \(verb) \(first.requested) of line \(first.lineNumber); "
            + "at most \(first.limit) are possible"
    }

    private var paymentMessage: String {
        switch self {
        case .paymentNotFound: "Payment not found"
        case .paymentInFlight: "A payment of the order is still in flight; wait for its outcome"
        case .staleAttempt(_, let attempt, let current):
            "Attempt \(attempt) is over; the current one is \(current)"
        case .authorizationExpired(_, let at): "The authorisation expired at \(at)"
        case .amountExceedsAuthorized(let limit, let amount):
            "\(amount) is more than the \(limit) that can be captured"
        case .amountExceedsCaptured(let limit, let amount):
            "\(amount) is more than the \(limit) that can be refunded"
        case .paymentFailed(_, let reason, _): "Payment failed: \(reason)"
        case .paymentPending: "The outcome of the payment is not known yet; the order is pending"
        case .captureFailed(_, let reason): "Capture failed: \(reason)"
        case .refundFailed(_, let reason): "Refund failed: \(reason)"
        default: code
        }
    }
}

extension Rejection: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
