// Written by Schemas/generate.py from Schemas/daybook/v1/values.proto. Edit that, not this.

package import DaybookCore

public enum Rounding: Int32, Sendable, CaseIterable {
    case halfUp = 1
    case halfEven = 2

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .halfUp: "half_up"
        case .halfEven: "half_even"
        }
    }
}

public enum CaptureMode: Int32, Sendable, CaseIterable {
    /// Money is taken when the order is placed.
    case automatic = 1
    /// Money is reserved when the order is placed and taken when it is completed.
    case manual = 2

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .automatic: "automatic"
        case .manual: "manual"
        }
    }
}

extension Money: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, zigzag: minor)
        writer.field(2, text: currency.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var minor: Int64 = 0
        var currency: Currency?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: minor = try reader.zigzag(tag)
            case 2:
                currency = try reader.checked(
                    tag, Currency.init(utf8:), of: try reader.delimited(tag))
            default: try reader.skip(tag)
            }
        }
        guard let currency else { throw .missing(field: 2) }
        self.init(minor: minor, currency: currency)
    }
}

/// A personal value under the subject's own key: AES-256-GCM, associated data as in SECURITY.md.
public struct Sealed: WireMessage, Hashable, Sendable {
    /// Nonce (12 bytes), ciphertext, authentication tag (16 bytes).
    public var box: [UInt8]
    /// Which of the subject's keys, from 1.
    public var keyVersion: UInt32

    public init(box: [UInt8], keyVersion: UInt32) {
        self.box = box
        self.keyVersion = keyVersion
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, bytes: box)
        writer.field(2, varint: UInt64(keyVersion))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var box: [UInt8] = []
        var keyVersion: UInt32 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: box = try reader.bytes(tag)
            case 2: keyVersion = try reader.uint32(tag)
            default: try reader.skip(tag)
            }
        }
        self.init(box: box, keyVersion: keyVersion)
    }
}

/// Units of one order line at one location.
public struct StockLine: WireMessage, Hashable, Sendable {
    public var lineNumber: Int32
    public var sku: SKU
    public var location: LocationID
    public var quantity: Quantity

    public init(lineNumber: Int32, sku: SKU, location: LocationID, quantity: Quantity) {
        self.lineNumber = lineNumber
        self.sku = sku
        self.location = location
        self.quantity = quantity
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, int: Int64(lineNumber))
        writer.field(2, text: sku.rawValue)
        writer.field(3, text: location.rawValue)
        writer.field(4, int: Int64(quantity.rawValue))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var lineNumber: Int32 = 0
        var sku: SKU?
        var location: LocationID?
        var quantity: Quantity?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lineNumber = try reader.int32(tag)
            case 2: sku = try reader.checked(tag, SKU.init(utf8:), of: try reader.delimited(tag))
            case 3:
                location = try reader.checked(
                    tag, LocationID.init(utf8:), of: try reader.delimited(tag))
            case 4:
                quantity = try reader.checked(
                    tag, Quantity.init(rawValue:), of: try reader.int32(tag))
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 2) }
        guard let location else { throw .missing(field: 3) }
        guard let quantity else { throw .missing(field: 4) }
        self.init(lineNumber: lineNumber, sku: sku, location: location, quantity: quantity)
    }
}

/// Units of one order line.
public struct LineQuantity: WireMessage, Hashable, Sendable {
    public var lineNumber: Int32
    public var quantity: Quantity

    public init(lineNumber: Int32, quantity: Quantity) {
        self.lineNumber = lineNumber
        self.quantity = quantity
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, int: Int64(lineNumber))
        writer.field(2, int: Int64(quantity.rawValue))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var lineNumber: Int32 = 0
        var quantity: Quantity?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lineNumber = try reader.int32(tag)
            case 2:
                quantity = try reader.checked(
                    tag, Quantity.init(rawValue:), of: try reader.int32(tag))
            default: try reader.skip(tag)
            }
        }
        guard let quantity else { throw .missing(field: 2) }
        self.init(lineNumber: lineNumber, quantity: quantity)
    }
}
