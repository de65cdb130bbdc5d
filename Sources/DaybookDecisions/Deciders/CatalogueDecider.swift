/// What is on sale, under which name and at which price.
enum CatalogueDecider {
    static func add(
        _ command: AddProduct, given shop: Shop, in context: DecisionContext
    ) throws(Rejection) -> [Event] {
        guard let sku = SKU(rawValue: command.sku) else {
            throw .validationFailed([
                FieldProblem(field: "sku", problem: "must be 1 to 64 visible characters")
            ])
        }
        try checkName(command.productName)
        try check(command.price, settings: context.settings)
        guard shop.product(sku) == nil else { throw .duplicateSKU(sku) }
        return [
            .productAdded(
                ProductAdded(
                    sku: sku, name: command.productName, price: command.price,
                    stocked: command.stocked, backorder: false))
        ]
    }

    static func changePrice(
        _ command: ChangePrice, given shop: Shop, in context: DecisionContext
    ) throws(Rejection) -> [Event] {
        let product = try find(command.sku, in: shop)
        try check(command.price, settings: context.settings)
        guard command.price.currency == product.price.currency else {
            throw .currencyMismatch(
                expected: product.price.currency, actual: command.price.currency)
        }
        guard command.price != product.price else { return [] }
        return [
            .priceChanged(
                PriceChanged(sku: product.sku, oldPrice: product.price, newPrice: command.price))
        ]
    }

    static func rename(
        _ command: RenameProduct, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let product = try find(command.sku, in: shop)
        try checkName(command.productName)
        guard command.productName != product.name else { return [] }
        return [
            .productRenamed(ProductRenamed(sku: product.sku, name: command.productName))
        ]
    }

    static func discontinue(
        _ command: DiscontinueProduct, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let product = try find(command.sku, in: shop)
        return product.isOnSale
            ? [.productDiscontinued(ProductDiscontinued(sku: product.sku))] : []
    }

    static func find(_ sku: String, in shop: Shop) throws(Rejection) -> ProductState {
        guard let index = shop.catalogue.index(of: sku) else { throw .productNotFound(sku) }
        return shop.catalogue.products[index]
    }

    private static func checkName(_ name: String) throws(Rejection) {
        guard name.isVisibleText(ofAtMost: 200) else {
            throw .validationFailed([
                FieldProblem(field: "name", problem: "must be 1 to 200 visible characters")
            ])
        }
    }

    static func check(_ price: Money, settings: ShopSettings) throws(Rejection) {
        guard (0...settings.maximumPriceMinor).contains(price.minor) else {
            throw .invalidPrice(price, maximumMinor: settings.maximumPriceMinor)
        }
    }
}

extension CatalogueDecider {
    static func evolve(_ catalogue: inout Catalogue, with event: Event) {
        switch event {
        case .productAdded(let event):
            catalogue.add(
                ProductState(
                    sku: event.sku, name: event.name, price: event.price,
                    isStocked: event.stocked, isOnSale: true))
        case .priceChanged(let event):
            catalogue.update(event.sku) { $0.price = event.newPrice }
        case .productRenamed(let event): catalogue.update(event.sku) { $0.name = event.name }
        case .productDiscontinued(let event):
            catalogue.update(event.sku) { $0.isOnSale = false }
        default: break
        }
    }
}
