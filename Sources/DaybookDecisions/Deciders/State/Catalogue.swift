/// Every product, densely numbered in the order in which they were added.
package struct Catalogue: ~Copyable, Sendable {
    package private(set) var products = ChunkedArray<ProductState>()
    /// By the text of the SKU, so that a raw argument can be looked up without being checked first.
    private var indexes: [String: Int32] = [:]

    func copy() -> Catalogue {
        var copy = Catalogue()
        copy.products = products
        copy.indexes = indexes
        return copy
    }

    func index(of sku: String) -> Int? { indexes[sku].map(Int.init) }

    subscript(_ sku: SKU) -> ProductState? {
        indexes[sku.rawValue].map { products[Int($0)] }
    }

    mutating func add(_ product: ProductState) {
        guard indexes[product.sku.rawValue] == nil else { return }
        indexes[product.sku.rawValue] = Int32(products.count)
        products.append(product)
    }

    mutating func update(_ sku: SKU, _ change: (inout ProductState) -> Void) {
        guard let index = indexes[sku.rawValue] else { return }
        change(&products[Int(index)])
    }
}
