import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Catalogue and stock` {
    private func add(_ sku: String, _ name: String = "Thing", _ price: Money = pounds("1.00"))
        -> PreparedCommand
    {
        .addProduct(AddProduct(sku: sku, productName: name, price: price))
    }

    @Test func `given no product, when added, then it is on sale with its price; twice is refused`()
    {
        let shop = Scenario()
        shop.when(add("85123A", "White heart", pounds("2.55"))).then("ProductAdded 85123A 2.55 GBP")
        shop.when(add("85123A")).thenRejected("duplicate_sku", "Product 85123A exists already")
    }

    @Test(arguments: ["", " A", "A ", "A\nB", String(repeating: "x", count: 65)])
    func `given a text that is no SKU, when added, then it is refused`(text: String) {
        Scenario().when(add(text)).thenRejected("validation_failed")
    }

    @Test func `given no visible name or a price below zero, when added, then it is refused`() {
        Scenario().when(add("A", "")).thenRejected("validation_failed")
        Scenario().when(add("A", "x", pounds("-0.01"))).thenRejected("invalid_price")
        Scenario().when(add("A", "x", Money(minor: 1_000_000_000_001, currency: gbp)))
            .thenRejected("invalid_price")
    }

    @Test
    func `given a product, when price and name change, then once per change and in its currency`() {
        let shop = Scenario.shop()
        shop.when(.changePrice(ChangePrice(sku: "A", price: pounds("9.99")))).then()
        shop.when(.changePrice(ChangePrice(sku: "A", price: pounds("8.00")))).then(
            "PriceChanged A 8.00 GBP")
        shop.when(.changePrice(ChangePrice(sku: "A", price: Money(minor: 8, currency: jpy))))
            .thenRejected("currency_mismatch")
        shop.when(.changePrice(ChangePrice(sku: "Z", price: pounds("1")))).thenRejected(
            "product_not_found", "Product not found")
        shop.when(.renameProduct(RenameProduct(sku: "A", productName: "Better"))).then(
            "ProductRenamed A Better")
        shop.when(.renameProduct(RenameProduct(sku: "A", productName: "Better"))).then()
        shop.when(.discontinueProduct(DiscontinueProduct(sku: "A"))).then("ProductDiscontinued")
        shop.when(.discontinueProduct(DiscontinueProduct(sku: "A"))).then()
    }

    @Test func `given stock, when received and adjusted, then on hand follows`() {
        let shop = Scenario.shop()
        shop.when(.receiveStock(ReceiveStock(sku: "A", quantity: 10))).then(
            "StockReceived A×10@main")
        shop.when(
            .adjustStock(AdjustStock(sku: "A", delta: -3, reason: "count", expectedOnHand: 15))
        )
        .then("StockAdjusted A by -3@main")
        #expect(shop.available("A") == 12)
        shop.when(.adjustStock(AdjustStock(sku: "A", delta: 0, reason: "count"))).then()
    }

    @Test
    func
        `given reserved units, when adjusted below them, then negative_stock; to them it is accepted`()
    {
        let shop = Scenario.shop()
        shop.placed()
        let outcome = shop.when(.adjustStock(AdjustStock(sku: "A", delta: -4, reason: "loss")))
        outcome.thenRejected("negative_stock")
        #expect(outcome.details == "sku=A on_hand=5 reserved=2 delta=-4")
        shop.when(.adjustStock(AdjustStock(sku: "A", delta: -3, reason: "loss"))).then(
            "StockAdjusted A by -3@main")
        #expect(shop.available("A") == 0)
    }

    @Test func `given another count than expected, when adjusted, then stock_conflict`() {
        let outcome = Scenario.shop().when(
            .adjustStock(AdjustStock(sku: "A", delta: 1, reason: "count", expectedOnHand: 4)))
        outcome.thenRejected("stock_conflict", "Product A has 5 on hand, not 4; count again")
    }

    @Test func `given no stocked product, when stock comes, then it is refused`() {
        let shop = Scenario.shop().product("POST", at: "1", stocked: false)
        shop.when(.receiveStock(ReceiveStock(sku: "POST", quantity: 1))).thenRejected("not_stocked")
        shop.when(.receiveStock(ReceiveStock(sku: "Z", quantity: 1))).thenRejected(
            "product_not_found")
        shop.when(.receiveStock(ReceiveStock(sku: "A", quantity: 0))).thenRejected(
            "invalid_quantity")
        shop.when(.adjustStock(AdjustStock(sku: "A", delta: .min, reason: "x"))).thenRejected(
            "invalid_quantity")
        shop.when(.adjustStock(AdjustStock(sku: "A", delta: 1, reason: ""))).thenRejected(
            "validation_failed")
    }
}
