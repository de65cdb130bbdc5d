import DaybookCore

/// The lines of an order with their amounts and the sums of them, in one currency.
struct OrderPricing {
    let currency: Currency
    let rate: BasisPoints
    let rounding: Rounding
    private(set) var lines: [OrderLine] = []
    private(set) var netMinor: Int64 = 0
    private(set) var taxMinor: Int64 = 0
    private(set) var payableMinor: Int64 = 0

    init(currency: Currency, settings: ShopSettings, lineCount: Int) {
        self.currency = currency
        rate = settings.taxRate
        rounding = settings.rounding
        lines.reserveCapacity(lineCount)
    }

    var payable: Money { Money(minor: payableMinor, currency: currency) }

    /// Adds a line at the product's price, or at the price given with the item.
    ///
    /// - Throws: `currencyMismatch`, `invalidPrice`, or `amountOverflow` when net, tax or a sum does not
    ///   fit 64 bits.
    mutating func add(
        _ product: borrowing ProductState, item: OrderItem, quantity: Quantity,
        settings: ShopSettings
    ) throws(Rejection) {
        let price = item.unitPrice ?? product.price
        guard price.currency == currency else {
            throw .currencyMismatch(expected: currency, actual: price.currency)
        }
        try CatalogueDecider.check(price, settings: settings)
        let (net, overflow) = price.minor.multipliedReportingOverflow(by: Int64(quantity.rawValue))
        guard !overflow, let tax = rounding.tax(onNet: net, at: rate) else {
            throw .amountOverflow
        }
        netMinor = try OrderPricing.sum(Mutant.totalOfLastLine.isPlanted ? 0 : netMinor, net)
        taxMinor = try OrderPricing.sum(taxMinor, tax)
        payableMinor = try OrderPricing.sum(
            netMinor, Mutant.taxNotPayable.isPlanted ? 0 : taxMinor)
        lines.append(
            OrderLine(
                lineNumber: Int32(lines.count + 1), sku: product.sku, name: product.name,
                quantity: quantity, unitPriceMinor: price.minor,
                priceOverridden: item.unitPrice != nil, netMinor: net, taxMinor: tax,
                unstocked: !product.isStocked))
    }

    private static func sum(_ left: Int64, _ right: Int64) throws(Rejection) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw .amountOverflow }
        return sum
    }
}
