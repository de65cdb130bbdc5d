// Written by Schemas/generate.py from Schemas/orders/v1/events.proto. Edit that, not this.

public import DaybookCore

public enum OrderOrigin: Int32, Sendable, CaseIterable {
    case shop = 1
    case imported = 2

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .shop: "shop"
        case .imported: "imported"
        }
    }
}

/// One line of an order, as it was agreed; later changes of the product do not touch it.
/// Amounts are minor units of the order's currency.
public struct OrderLine: WireMessage, Hashable, Sendable {
    /// From 1, in the order given.
    public var lineNumber: Int32
    public var sku: SKU
    public var name: String
    public var quantity: Quantity
    public var unitPriceMinor: Int64
    /// The price was given with the command (operators and imports only), not taken from the product.
    public var priceOverridden: Bool
    /// quantity x unit price.
    public var netMinor: Int64
    public var taxMinor: Int64
    /// Units of this line are not stocked and never reserved.
    public var unstocked: Bool

    public init(
        lineNumber: Int32, sku: SKU, name: String, quantity: Quantity, unitPriceMinor: Int64,
        priceOverridden: Bool, netMinor: Int64, taxMinor: Int64, unstocked: Bool
    ) {
        self.lineNumber = lineNumber
        self.sku = sku
        self.name = name
        self.quantity = quantity
        self.unitPriceMinor = unitPriceMinor
        self.priceOverridden = priceOverridden
        self.netMinor = netMinor
        self.taxMinor = taxMinor
        self.unstocked = unstocked
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, int: Int64(lineNumber))
        writer.field(2, text: sku.rawValue)
        writer.field(3, text: name)
        writer.field(4, int: Int64(quantity.rawValue))
        writer.field(5, int: unitPriceMinor)
        writer.field(6, bool: priceOverridden)
        writer.field(7, int: netMinor)
        writer.field(8, int: taxMinor)
        writer.field(9, bool: unstocked)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var lineNumber: Int32 = 0
        var sku: SKU?
        var name: String = ""
        var quantity: Quantity?
        var unitPriceMinor: Int64 = 0
        var priceOverridden: Bool = false
        var netMinor: Int64 = 0
        var taxMinor: Int64 = 0
        var unstocked: Bool = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lineNumber = try reader.int32(tag)
            case 2: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 3: name = try reader.text(tag)
            case 4:
                quantity = try reader.checked(
                    tag, Quantity.init(rawValue:), of: try reader.int32(tag))
            case 5: unitPriceMinor = try reader.int64(tag)
            case 6: priceOverridden = try reader.bool(tag)
            case 7: netMinor = try reader.int64(tag)
            case 8: taxMinor = try reader.int64(tag)
            case 9: unstocked = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 2) }
        guard let quantity else { throw .missing(field: 4) }
        self.init(
            lineNumber: lineNumber, sku: sku, name: name, quantity: quantity,
            unitPriceMinor: unitPriceMinor, priceOverridden: priceOverridden, netMinor: netMinor,
            taxMinor: taxMinor, unstocked: unstocked
        )
    }
}

public struct OrderPlaced: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "OrderPlaced"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    /// For people: 1, 2, 3 ... in log order, without gaps.
    public var orderNumber: UInt64
    public var userID: UserID
    public var lines: [OrderLine]
    public var currency: Currency
    /// Sums of the lines.
    public var netMinor: Int64
    public var taxMinor: Int64
    /// net + tax: what is charged.
    public var payableMinor: Int64
    public var taxRate: BasisPoints
    public var rounding: Rounding
    public var captureMode: CaptureMode
    public var expiresAt: Instant?
    public var shippingAddress: Sealed?
    /// Where the order was taken; absent means here. Nobody is mailed about an imported order.
    public var origin: OrderOrigin?

    public init(
        orderID: OrderID, orderNumber: UInt64, userID: UserID, lines: [OrderLine],
        currency: Currency, netMinor: Int64, taxMinor: Int64, payableMinor: Int64,
        taxRate: BasisPoints, rounding: Rounding, captureMode: CaptureMode,
        expiresAt: Instant? = nil, shippingAddress: Sealed? = nil, origin: OrderOrigin? = nil
    ) {
        self.orderID = orderID
        self.orderNumber = orderNumber
        self.userID = userID
        self.lines = lines
        self.currency = currency
        self.netMinor = netMinor
        self.taxMinor = taxMinor
        self.payableMinor = payableMinor
        self.taxRate = taxRate
        self.rounding = rounding
        self.captureMode = captureMode
        self.expiresAt = expiresAt
        self.shippingAddress = shippingAddress
        self.origin = origin
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, varint: UInt64(orderNumber))
        writer.field(3, identifier: userID.rawValue)
        for element in lines {
            writer.field(4) { element.encode(into: &$0) }
        }
        writer.field(5, text: currency.rawValue)
        writer.field(6, int: netMinor)
        writer.field(7, int: taxMinor)
        writer.field(8, int: payableMinor)
        writer.field(9, int: Int64(taxRate.rawValue))
        writer.field(10, int: Int64(rounding.rawValue))
        writer.field(11, int: Int64(captureMode.rawValue))
        if let expiresAt {
            writer.alwaysField(12, varint: UInt64(bitPattern: Int64(expiresAt.microseconds)))
        }
        if let shippingAddress {
            writer.field(13) { shippingAddress.encode(into: &$0) }
        }
        if let origin {
            writer.field(15, int: Int64(origin.rawValue))
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var orderNumber: UInt64 = 0
        var userID: UserID?
        var lines: [OrderLine] = []
        var currency: Currency?
        var netMinor: Int64 = 0
        var taxMinor: Int64 = 0
        var payableMinor: Int64 = 0
        var taxRate: BasisPoints?
        var rounding: Rounding?
        var captureMode: CaptureMode?
        var expiresAt: Instant?
        var shippingAddress: Sealed?
        var origin: OrderOrigin?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: orderNumber = try reader.varint(tag)
            case 3: userID = UserID(rawValue: try reader.identifier(tag))
            case 4: try reader.decode(tag, into: &lines)
            case 5:
                currency = try reader.checked(
                    tag, Currency.init(utf8:), of: try reader.delimited(tag))
            case 6: netMinor = try reader.int64(tag)
            case 7: taxMinor = try reader.int64(tag)
            case 8: payableMinor = try reader.int64(tag)
            case 9:
                taxRate = try reader.checked(
                    tag, BasisPoints.init(rawValue:), of: try reader.int32(tag))
            case 10:
                rounding = try reader.checked(
                    tag, Rounding.init(rawValue:), of: try reader.int32(tag))
            case 11:
                captureMode = try reader.checked(
                    tag, CaptureMode.init(rawValue:), of: try reader.int32(tag))
            case 12: expiresAt = Instant(microseconds: try reader.int64(tag))
            case 13: shippingAddress = try reader.decode(Sealed.self, tag)
            case 15:
                origin = try reader.checked(
                    tag, OrderOrigin.init(rawValue:), of: try reader.int32(tag))
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let userID else { throw .missing(field: 3) }
        guard let currency else { throw .missing(field: 5) }
        let taxRateValue = taxRate ?? .zero
        guard let rounding else { throw .missing(field: 10) }
        guard let captureMode else { throw .missing(field: 11) }
        self.init(
            orderID: orderID, orderNumber: orderNumber, userID: userID, lines: lines,
            currency: currency, netMinor: netMinor, taxMinor: taxMinor, payableMinor: payableMinor,
            taxRate: taxRateValue, rounding: rounding, captureMode: captureMode,
            expiresAt: expiresAt, shippingAddress: shippingAddress, origin: origin
        )
    }
}

/// The order is being picked and packed.
public struct ProcessingStarted: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ProcessingStarted"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID

    public init(orderID: OrderID) {
        self.orderID = orderID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        self.init(orderID: orderID)
    }
}

/// Units of an order left a location.
public struct ShipmentDispatched: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ShipmentDispatched"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var shipmentID: ShipmentID
    public var location: LocationID
    public var lines: [LineQuantity]
    public var carrier: String?
    public var tracking: String?

    public init(
        orderID: OrderID, shipmentID: ShipmentID, location: LocationID, lines: [LineQuantity],
        carrier: String? = nil, tracking: String? = nil
    ) {
        self.orderID = orderID
        self.shipmentID = shipmentID
        self.location = location
        self.lines = lines
        self.carrier = carrier
        self.tracking = tracking
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, identifier: shipmentID.rawValue)
        writer.field(3, text: location.rawValue)
        for element in lines {
            writer.field(4) { element.encode(into: &$0) }
        }
        if let carrier {
            writer.alwaysField(5, text: carrier)
        }
        if let tracking {
            writer.alwaysField(6, text: tracking)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var shipmentID: ShipmentID?
        var location: LocationID?
        var lines: [LineQuantity] = []
        var carrier: String?
        var tracking: String?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: shipmentID = ShipmentID(rawValue: try reader.identifier(tag))
            case 3:
                location = try reader.checked(
                    tag, LocationID.init(utf8:), of: try reader.delimited(tag))
            case 4: try reader.decode(tag, into: &lines)
            case 5: carrier = try reader.text(tag)
            case 6: tracking = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let shipmentID else { throw .missing(field: 2) }
        guard let location else { throw .missing(field: 3) }
        self.init(
            orderID: orderID, shipmentID: shipmentID, location: location, lines: lines,
            carrier: carrier, tracking: tracking
        )
    }
}

public struct OrderCancelled: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "OrderCancelled"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var reason: String

    public init(orderID: OrderID, reason: String) {
        self.orderID = orderID
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, text: reason)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var reason: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: reason = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        self.init(orderID: orderID, reason: reason)
    }
}

/// The order was not paid by its deadline.
public struct OrderExpired: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "OrderExpired"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var deadline: Instant

    public init(orderID: OrderID, deadline: Instant) {
        self.orderID = orderID
        self.deadline = deadline
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, int: deadline.microseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var deadline: Instant?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: deadline = Instant(microseconds: try reader.int64(tag))
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        let deadlineValue = deadline ?? Instant(microseconds: 0)
        self.init(orderID: orderID, deadline: deadlineValue)
    }
}

/// Units are announced to come back.
public struct ReturnRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ReturnRequested"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var returnID: ReturnID
    public var lines: [LineQuantity]

    public init(orderID: OrderID, returnID: ReturnID, lines: [LineQuantity]) {
        self.orderID = orderID
        self.returnID = returnID
        self.lines = lines
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, identifier: returnID.rawValue)
        for element in lines {
            writer.field(3) { element.encode(into: &$0) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var returnID: ReturnID?
        var lines: [LineQuantity] = []
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: returnID = ReturnID(rawValue: try reader.identifier(tag))
            case 3: try reader.decode(tag, into: &lines)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let returnID else { throw .missing(field: 2) }
        self.init(orderID: orderID, returnID: returnID, lines: lines)
    }
}

/// What came back of one line.
public struct ReturnedLine: WireMessage, Hashable, Sendable {
    public var lineNumber: Int32
    /// All units that came back, damaged ones included.
    public var received: Int32
    public var damaged: Int32

    public init(lineNumber: Int32, received: Int32, damaged: Int32) {
        self.lineNumber = lineNumber
        self.received = received
        self.damaged = damaged
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, int: Int64(lineNumber))
        writer.field(2, int: Int64(received))
        writer.field(3, int: Int64(damaged))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var lineNumber: Int32 = 0
        var received: Int32 = 0
        var damaged: Int32 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lineNumber = try reader.int32(tag)
            case 2: received = try reader.int32(tag)
            case 3: damaged = try reader.int32(tag)
            default: try reader.skip(tag)
            }
        }
        self.init(lineNumber: lineNumber, received: received, damaged: damaged)
    }
}

public struct ReturnReceived: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ReturnReceived"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var returnID: ReturnID
    public var lines: [ReturnedLine]

    public init(orderID: OrderID, returnID: ReturnID, lines: [ReturnedLine]) {
        self.orderID = orderID
        self.returnID = returnID
        self.lines = lines
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, identifier: returnID.rawValue)
        for element in lines {
            writer.field(3) { element.encode(into: &$0) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var returnID: ReturnID?
        var lines: [ReturnedLine] = []
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: returnID = ReturnID(rawValue: try reader.identifier(tag))
            case 3: try reader.decode(tag, into: &lines)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let returnID else { throw .missing(field: 2) }
        self.init(orderID: orderID, returnID: returnID, lines: lines)
    }
}
