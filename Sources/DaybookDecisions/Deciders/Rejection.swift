public import DaybookCore

/// Why a command was not done; then nothing happened.
///
/// The business' own "no", closed and typed. HTTP status and exit code are chosen at the edge from
/// ``code``.
public enum Rejection: Error, Hashable, Sendable {
    // The request itself
    case validationFailed([FieldProblem])
    case emptyOrder
    case invalidQuantity([LineQuantityProblem])
    case tooManyLines(count: Int, limit: Int)
    case invalidLimit(Int, allowed: ClosedRange<Int>)
    case invalidPrice(Money, maximumMinor: Int64)
    case amountOverflow
    case unauthenticated
    case forbidden(String)

    // Catalogue and stock
    case duplicateSKU(SKU)
    case productNotFound(String)
    case notStocked(SKU)
    case currencyMismatch(expected: Currency, actual: Currency)
    case insufficientStock([LineShortage])
    case stockConflict(sku: SKU, expectedOnHand: Int, onHand: Int64)
    case negativeStock(sku: SKU, onHand: Int64, reserved: Int64, delta: Int)

    // Accounts
    case emailAlreadyRegistered(String)
    case invalidEmail(EmailRule)
    case weakPassword(PasswordRule)
    case tokenInvalidOrExpired
    case tokenUsedOrUnknown
    case tokenExpired
    case userNotFound(UserID)
    case accountDisabled(UserID)
    case emailNotVerified(UserID)
    case rateLimited(retryAt: Instant)

    // Orders
    case orderNotFound(String)
    case priceChanged(expected: Money, actual: Money)
    case illegalTransition(IllegalTransition)
    case overShipment([LineExcess])
    case returnNotFound(ReturnID)
    case overReturn([LineExcess])
    case notDue(OrderID, deadline: Instant?)

    // Payments
    case paymentNotFound(PaymentID)
    case paymentInFlight(OrderID)
    case staleAttempt(PaymentID, attempt: Int32, current: Int32)
    case authorizationExpired(PaymentID, at: Instant)
    case amountExceedsAuthorized(limit: Money, amount: Money)
    case amountExceedsCaptured(limit: Money, amount: Money)
    /// The gateway declined the charge; the order exists and can be fetched.
    case paymentFailed(order: OrderID, reason: String, declineCode: String)
    /// The outcome of the charge is not known yet; the order exists and is pending.
    case paymentPending(order: OrderID)
    case captureFailed(payment: PaymentID, reason: String)
    case refundFailed(payment: PaymentID, reason: String)

    // The way in
    case idempotencyKeyReused(String)
    case requestInProgress(String)
    case conflict(LogPosition)
}

/// What is wrong with one argument.
public struct FieldProblem: Hashable, Sendable {
    /// `snake_case`.
    public var field: String
    public var problem: String

    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }
}

/// A quantity that cannot be ordered.
public struct LineQuantityProblem: Hashable, Sendable {
    /// From 1.
    public var lineNumber: Int
    public var quantity: Int

    public init(lineNumber: Int, quantity: Int) {
        self.lineNumber = lineNumber
        self.quantity = quantity
    }
}

/// A line that the stock cannot serve.
public struct LineShortage: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        case insufficient
        case productNotFound = "product_not_found"
        case productDiscontinued = "product_discontinued"

        /// Stable, for programs.
        public var name: String { rawValue }
    }

    /// From 1.
    public var lineNumber: Int
    public var sku: String
    /// On hand and not reserved, over all locations; 0 unless the reason is `insufficient`.
    public var available: Int64
    /// What this order asks of the product up to and with this line.
    public var requested: Int64
    public var reason: Reason

    public init(
        lineNumber: Int, sku: String, available: Int64, requested: Int64, reason: Reason
    ) {
        self.lineNumber = lineNumber
        self.sku = sku
        self.available = available
        self.requested = requested
        self.reason = reason
    }
}

/// More units of a line than there are to send or to send back.
public struct LineExcess: Hashable, Sendable {
    /// From 1.
    public var lineNumber: Int
    public var requested: Int64
    /// How many there are; 0 for a line that does not exist.
    public var limit: Int64

    public init(lineNumber: Int, requested: Int64, limit: Int64) {
        self.lineNumber = lineNumber
        self.requested = requested
        self.limit = limit
    }
}

/// A command that the state of its order does not allow.
public struct IllegalTransition: Hashable, Sendable {
    public var order: OrderID
    public var from: OrderStatus
    /// The command's name.
    public var command: String
    /// What could be done instead.
    public var allowed: [String]

    public init(order: OrderID, from: OrderStatus, command: String, allowed: [String]) {
        self.order = order
        self.from = from
        self.command = command
        self.allowed = allowed
    }
}
