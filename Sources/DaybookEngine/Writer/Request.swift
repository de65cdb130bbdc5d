public import DaybookCore
public import DaybookDecisions

/// One or more commands that are recorded as one batch or not at all.
public struct Request: Hashable, Sendable {
    public var commands: [Command]
    public var actor: Actor
    /// The caller's key; a repeat with the same commands has no second effect and the same result.
    public var key: IdempotencyKey?
    /// When it happened, for histories that are imported; anybody else's commands happen now.
    public var time: Instant?

    public init(
        _ commands: [Command], as actor: Actor, key: IdempotencyKey? = nil, at time: Instant? = nil
    ) {
        self.commands = commands
        self.actor = actor
        self.key = key
        self.time = time
    }

    /// The name that the batch records: the command's, or `Transaction` for several.
    var commandName: String {
        commands.count == 1 ? commands[0].name : "Transaction"
    }
}

/// What a request led to.
public struct CommandResult: Hashable, Sendable {
    /// Where the events stand; `nil` when nothing had to be recorded.
    public var positions: ClosedRange<LogPosition>?
    /// The answer comes from the batch that the same key caused before.
    public var isRepeat: Bool
    /// One value per command, in order.
    public var values: [CommandValue]

    public init(positions: ClosedRange<LogPosition>?, isRepeat: Bool, values: [CommandValue]) {
        self.positions = positions
        self.isRepeat = isRepeat
        self.values = values
    }

    /// The value of the first command.
    public var value: CommandValue { values.first ?? .none }
}

/// What a command gives back beside its events.
public enum CommandValue: Hashable, Sendable {
    case none
    case user(UserID)
    case order(OrderOutcome)
    case shipment(ShipmentID)
    case refund(RefundID)
    case goodsReturn(ReturnID)
}

/// The order that a command made or changed.
public struct OrderOutcome: Hashable, Sendable {
    public var orderID: OrderID
    /// For people: 1, 2, 3 …
    public var orderNumber: UInt64
    public var status: OrderStatus
    public var payable: Money
    /// `nil` for orders that cost nothing.
    public var payment: PaymentID?

    public init(
        orderID: OrderID, orderNumber: UInt64, status: OrderStatus, payable: Money,
        payment: PaymentID?
    ) {
        self.orderID = orderID
        self.orderNumber = orderNumber
        self.status = status
        self.payable = payable
        self.payment = payment
    }
}
