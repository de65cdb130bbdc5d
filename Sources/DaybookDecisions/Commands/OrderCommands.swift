public import DaybookCore

/// What is wanted of one product.
public struct OrderItem: Hashable, Sendable {
    public var sku: String
    /// Raw; the decider refuses what is not 1 ... 100,000.
    public var quantity: Int
    /// Instead of the product's price; operators and imports only.
    public var unitPrice: Money?

    public init(sku: String, quantity: Int, unitPrice: Money? = nil) {
        self.sku = sku
        self.quantity = quantity
        self.unitPrice = unitPrice
    }
}

/// Places an order: checks and reserves the stock and asks for the payment.
public struct CreateOrder: Hashable, Sendable {
    public static let name = "CreateOrder"
    public var user: UserID
    /// In the order of the lines; repeated products stay separate lines.
    public var items: [OrderItem]
    public var shippingAddress: String?
    /// What the customer was shown, tax included; another total is refused.
    public var expectedTotal: Money?
    public var capture: CaptureMode

    public init(
        user: UserID, items: [OrderItem], shippingAddress: String? = nil,
        expectedTotal: Money? = nil, capture: CaptureMode = .automatic
    ) {
        self.user = user
        self.items = items
        self.shippingAddress = shippingAddress
        self.expectedTotal = expectedTotal
        self.capture = capture
    }
}

/// Takes the authorised money of an order (the reference's `order_complete_notify`).
///
/// However often it is called, at most one capture and one mail come of it.
public struct CompleteOrder: Hashable, Sendable {
    public static let name = "CompleteOrder"
    public var order: OrderID

    public init(order: OrderID) {
        self.order = order
    }
}

/// Begins picking and packing a paid order.
public struct StartProcessing: Hashable, Sendable {
    public static let name = "StartProcessing"
    public var order: OrderID

    public init(order: OrderID) {
        self.order = order
    }
}

/// Units of one order line to send.
public struct LineShipment: Hashable, Sendable {
    /// From 1.
    public var lineNumber: Int
    public var quantity: Int

    public init(lineNumber: Int, quantity: Int) {
        self.lineNumber = lineNumber
        self.quantity = quantity
    }
}

/// Sends units of a paid order from one location.
public struct ShipOrder: Hashable, Sendable {
    public static let name = "ShipOrder"
    public var order: OrderID
    /// `nil` sends everything that is unshipped and kept at the location.
    public var lines: [LineShipment]?
    public var location: LocationID
    public var carrier: String?
    public var tracking: String?

    public init(
        order: OrderID, lines: [LineShipment]? = nil, location: LocationID = .main,
        carrier: String? = nil, tracking: String? = nil
    ) {
        self.order = order
        self.lines = lines
        self.location = location
        self.carrier = carrier
        self.tracking = tracking
    }
}

/// Gives an order up before anything was sent; final.
public struct CancelOrder: Hashable, Sendable {
    public static let name = "CancelOrder"
    public var order: OrderID
    public var reason: String

    public init(order: OrderID, reason: String) {
        self.order = order
        self.reason = reason
    }
}

/// Gives an unpaid order up after its deadline; asked for by the expiry policy.
public struct ExpireOrder: Hashable, Sendable {
    public static let name = "ExpireOrder"
    public var order: OrderID

    public init(order: OrderID) {
        self.order = order
    }
}
