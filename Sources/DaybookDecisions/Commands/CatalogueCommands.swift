/// Puts a product on sale.
public struct AddProduct: Hashable, Sendable {
    public static let name = "AddProduct"
    /// 1 ... 64 visible characters; the product's identity for ever.
    public var sku: String
    /// 1 ... 200 visible characters.
    public var productName: String
    public var price: Money
    /// `false` for postage and services: never reserved, no stock figures.
    public var stocked: Bool

    public init(sku: String, productName: String, price: Money, stocked: Bool = true) {
        self.sku = sku
        self.productName = productName
        self.price = price
        self.stocked = stocked
    }
}

/// Gives a product another price, in the same currency; orders already placed keep theirs.
public struct ChangePrice: Hashable, Sendable {
    public static let name = "ChangePrice"
    public var sku: String
    public var price: Money

    public init(sku: String, price: Money) {
        self.sku = sku
        self.price = price
    }
}

/// Gives a product another name; orders already placed keep the old one.
public struct RenameProduct: Hashable, Sendable {
    public static let name = "RenameProduct"
    public var sku: String
    public var productName: String

    public init(sku: String, productName: String) {
        self.sku = sku
        self.productName = productName
    }
}

/// Takes a product off sale; orders that hold it are untouched.
public struct DiscontinueProduct: Hashable, Sendable {
    public static let name = "DiscontinueProduct"
    public var sku: String

    public init(sku: String) {
        self.sku = sku
    }
}
