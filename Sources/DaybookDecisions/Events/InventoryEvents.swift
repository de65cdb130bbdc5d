// Written by Schemas/generate.py from Schemas/inventory/v1/events.proto. Edit that, not this.

public import DaybookCore

public enum StockReleaseReason: Int32, Sendable, CaseIterable {
    case declined = 1
    case cancelled = 2
    case expired = 3

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .declined: "declined"
        case .cancelled: "cancelled"
        case .expired: "expired"
        }
    }
}

/// A product is on sale. Products that are not stocked (postage, services) are never reserved.
public struct ProductAdded: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ProductAdded"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU
    public var name: String
    public var price: Money
    public var stocked: Bool
    /// Whether orders beyond the stock are taken. Reserved for backorders; false today.
    public var backorder: Bool

    public init(sku: SKU, name: String, price: Money, stocked: Bool, backorder: Bool) {
        self.sku = sku
        self.name = name
        self.price = price
        self.stocked = stocked
        self.backorder = backorder
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, text: name)
        writer.field(3) { price.encode(into: &$0) }
        writer.field(4, bool: stocked)
        writer.field(5, bool: backorder)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var name: String = ""
        var price: Money?
        var stocked: Bool = false
        var backorder: Bool = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 2: name = try reader.text(tag)
            case 3: price = try reader.decode(Money.self, tag)
            case 4: stocked = try reader.bool(tag)
            case 5: backorder = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        guard let price else { throw .missing(field: 3) }
        self.init(sku: sku, name: name, price: price, stocked: stocked, backorder: backorder)
    }
}

public struct PriceChanged: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "PriceChanged"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU
    public var oldPrice: Money
    public var newPrice: Money

    public init(sku: SKU, oldPrice: Money, newPrice: Money) {
        self.sku = sku
        self.oldPrice = oldPrice
        self.newPrice = newPrice
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2) { oldPrice.encode(into: &$0) }
        writer.field(3) { newPrice.encode(into: &$0) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var oldPrice: Money?
        var newPrice: Money?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 2: oldPrice = try reader.decode(Money.self, tag)
            case 3: newPrice = try reader.decode(Money.self, tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        guard let oldPrice else { throw .missing(field: 2) }
        guard let newPrice else { throw .missing(field: 3) }
        self.init(sku: sku, oldPrice: oldPrice, newPrice: newPrice)
    }
}

public struct ProductRenamed: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ProductRenamed"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU
    public var name: String

    public init(sku: SKU, name: String) {
        self.sku = sku
        self.name = name
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, text: name)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var name: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 2: name = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        self.init(sku: sku, name: name)
    }
}

/// The product is no longer on sale; orders that hold it are untouched.
public struct ProductDiscontinued: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "ProductDiscontinued"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU

    public init(sku: SKU) {
        self.sku = sku
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        self.init(sku: sku)
    }
}

/// On hand rises by the quantity.
public struct StockReceived: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockReceived"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU
    public var location: LocationID
    public var quantity: Int64

    public init(sku: SKU, location: LocationID, quantity: Int64) {
        self.sku = sku
        self.location = location
        self.quantity = quantity
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, text: location.rawValue)
        writer.field(3, int: quantity)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var location: LocationID?
        var quantity: Int64 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 2:
                location = try reader.checked(
                    tag, LocationID.init(utf8:), of: try reader.delimited(tag))
            case 3: quantity = try reader.int64(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        guard let location else { throw .missing(field: 2) }
        self.init(sku: sku, location: location, quantity: quantity)
    }
}

/// On hand changes by the delta: a count, a loss, a find.
public struct StockAdjusted: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockAdjusted"
    public static let schemaVersion: UInt32 = 1

    public var sku: SKU
    public var location: LocationID
    public var delta: Int64
    public var reason: String

    public init(sku: SKU, location: LocationID, delta: Int64, reason: String) {
        self.sku = sku
        self.location = location
        self.delta = delta
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, text: location.rawValue)
        writer.field(3, zigzag: delta)
        writer.field(4, text: reason)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var location: LocationID?
        var delta: Int64 = 0
        var reason: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 2:
                location = try reader.checked(
                    tag, LocationID.init(utf8:), of: try reader.delimited(tag))
            case 3: delta = try reader.zigzag(tag)
            case 4: reason = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        guard let location else { throw .missing(field: 2) }
        self.init(sku: sku, location: location, delta: delta, reason: reason)
    }
}

/// Units are kept for an order: reserved rises, on hand stays.
public struct StockReserved: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockReserved"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var lines: [StockLine]

    public init(orderID: OrderID, lines: [StockLine]) {
        self.orderID = orderID
        self.lines = lines
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        for element in lines {
            writer.field(2) { element.encode(into: &$0) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var lines: [StockLine] = []
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: try reader.decode(tag, into: &lines)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        self.init(orderID: orderID, lines: lines)
    }
}

/// Units kept for an order are free again: reserved falls.
public struct StockReleased: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockReleased"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var lines: [StockLine]
    public var reason: StockReleaseReason

    public init(orderID: OrderID, lines: [StockLine], reason: StockReleaseReason) {
        self.orderID = orderID
        self.lines = lines
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        for element in lines {
            writer.field(2) { element.encode(into: &$0) }
        }
        writer.field(3, int: Int64(reason.rawValue))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var lines: [StockLine] = []
        var reason: StockReleaseReason?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: try reader.decode(tag, into: &lines)
            case 3:
                reason = try reader.checked(
                    tag, StockReleaseReason.init(rawValue:), of: try reader.int32(tag))
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let reason else { throw .missing(field: 3) }
        self.init(orderID: orderID, lines: lines, reason: reason)
    }
}

/// Units kept for an order have left: on hand and reserved fall.
public struct StockShipped: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockShipped"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var shipmentID: ShipmentID
    public var lines: [StockLine]

    public init(orderID: OrderID, shipmentID: ShipmentID, lines: [StockLine]) {
        self.orderID = orderID
        self.shipmentID = shipmentID
        self.lines = lines
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: orderID.rawValue)
        writer.field(2, identifier: shipmentID.rawValue)
        for element in lines {
            writer.field(3) { element.encode(into: &$0) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var orderID: OrderID?
        var shipmentID: ShipmentID?
        var lines: [StockLine] = []
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 2: shipmentID = ShipmentID(rawValue: try reader.identifier(tag))
            case 3: try reader.decode(tag, into: &lines)
            default: try reader.skip(tag)
            }
        }
        guard let orderID else { throw .missing(field: 1) }
        guard let shipmentID else { throw .missing(field: 2) }
        self.init(orderID: orderID, shipmentID: shipmentID, lines: lines)
    }
}

/// Returned units are for sale again: on hand rises.
public struct StockRestocked: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "StockRestocked"
    public static let schemaVersion: UInt32 = 1

    public var orderID: OrderID
    public var returnID: ReturnID
    public var lines: [StockLine]

    public init(orderID: OrderID, returnID: ReturnID, lines: [StockLine]) {
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
        var lines: [StockLine] = []
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
