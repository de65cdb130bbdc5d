public import DaybookCore

/// Units of one order line that are to come back.
public struct LineReturn: Hashable, Sendable {
    /// From 1.
    public var lineNumber: Int
    public var quantity: Int

    public init(lineNumber: Int, quantity: Int) {
        self.lineNumber = lineNumber
        self.quantity = quantity
    }
}

/// Announces that shipped units come back.
public struct RequestReturn: Hashable, Sendable {
    public static let name = "RequestReturn"
    public var order: OrderID
    public var lines: [LineReturn]

    public init(order: OrderID, lines: [LineReturn]) {
        self.order = order
        self.lines = lines
    }
}

/// What came back of one order line.
public struct LineReceipt: Hashable, Sendable {
    /// From 1.
    public var lineNumber: Int
    /// All units, damaged ones included.
    public var received: Int
    public var damaged: Int

    public init(lineNumber: Int, received: Int, damaged: Int = 0) {
        self.lineNumber = lineNumber
        self.received = received
        self.damaged = damaged
    }
}

/// Records what came back, once per return.
public struct ReceiveReturn: Hashable, Sendable {
    public static let name = "ReceiveReturn"
    /// `nil`: the one return of the order that is open.
    public var returnID: ReturnID?
    public var order: OrderID
    public var lines: [LineReceipt]
    /// Whether undamaged units are for sale again.
    public var restock: Bool

    public init(
        returnID: ReturnID? = nil, order: OrderID, lines: [LineReceipt], restock: Bool
    ) {
        self.returnID = returnID
        self.order = order
        self.lines = lines
        self.restock = restock
    }
}
