package import DaybookCore

extension StockFigures: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: location.rawValue)
        writer.field(2, zigzag: onHand)
        writer.field(3, zigzag: reserved)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var location: LocationID?
        var onHand: Int64 = 0
        var reserved: Int64 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1:
                location = try reader.checked(
                    tag, LocationID.init(rawValue:), of: try reader.text(tag))
            case 2: onHand = try reader.zigzag(tag)
            case 3: reserved = try reader.zigzag(tag)
            default: try reader.skip(tag)
            }
        }
        guard let location else { throw .missing(field: 1) }
        self.init(location: location, onHand: onHand, reserved: reserved)
    }
}

extension ProductState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, text: name)
        writer.field(3) { price.encode(into: &$0) }
        writer.field(4, bool: isStocked)
        writer.field(5, bool: isOnSale)
        for figures in stock { writer.field(6) { figures.encode(into: &$0) } }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var name = ""
        var price: Money?
        var isStocked = false
        var isOnSale = false
        var stock: [StockFigures] = []
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(rawValue:), of: try reader.text(tag))
            case 2: name = try reader.text(tag)
            case 3: price = try reader.decode(Money.self, tag)
            case 4: isStocked = try reader.bool(tag)
            case 5: isOnSale = try reader.bool(tag)
            case 6: stock.append(try reader.decode(StockFigures.self, tag))
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        guard let price else { throw .missing(field: 3) }
        self.init(
            sku: sku, name: name, price: price, isStocked: isStocked, isOnSale: isOnSale,
            stock: stock)
    }
}
