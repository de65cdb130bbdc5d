/// Why a row of an order history cannot become a fact, found before the domain is asked.
enum RejectReason: UInt8, Error, CaseIterable {
    case unreadablePrice
    case fractionOfAPenny
    case negativePrice
    case priceTooLarge
    case unreadableQuantity
    case invalidInvoiceNumber
    case invalidDate
    case invalidSKU
    case invalidCustomer
    case quantityBelowOne
    case quantityTooLarge
    case adjustmentOfZero
    case adjustmentTooLarge
    case adjustmentWithoutStock
    case creditNotNegative
    case nothingBought
    case notEnoughUnits
    case anotherCustomer

    /// A stable name for programs.
    var code: String {
        switch self {
        case .unreadablePrice: "unreadable_price"
        case .fractionOfAPenny: "fraction_of_a_penny"
        case .negativePrice: "negative_price"
        case .priceTooLarge: "price_too_large"
        case .unreadableQuantity: "unreadable_quantity"
        case .invalidInvoiceNumber: "invalid_invoice_number"
        case .invalidDate: "invalid_date"
        case .invalidSKU: "invalid_sku"
        case .invalidCustomer: "invalid_customer"
        case .quantityBelowOne, .quantityTooLarge: "invalid_quantity"
        case .adjustmentOfZero, .adjustmentTooLarge: "invalid_adjustment"
        case .adjustmentWithoutStock: "adjustment_without_stock"
        case .creditNotNegative: "invalid_credit_quantity"
        case .nothingBought: "nothing_to_return"
        case .notEnoughUnits: "over_return"
        case .anotherCustomer: "another_customer"
        }
    }

    /// What a person reads.
    var text: String {
        switch self {
        case .unreadablePrice: "the price is not a decimal number"
        case .fractionOfAPenny: "the price has a fraction of a penny"
        case .negativePrice: "the price is negative"
        case .priceTooLarge: "the price is above 100000000000.00"
        case .unreadableQuantity: "the quantity is not a whole number"
        case .invalidInvoiceNumber: "the invoice number is not 1 to 64 visible ASCII characters"
        case .invalidDate: "the invoice date is not an ISO 8601 time"
        case .invalidSKU: "the stock code is not 1 to 64 visible characters"
        case .invalidCustomer: "the customer number is not 1 to 20 digits"
        case .quantityBelowOne: "the quantity is below 1"
        case .quantityTooLarge: "the quantity is above 100000"
        case .adjustmentOfZero: "an adjustment of 0 units changes nothing"
        case .adjustmentTooLarge: "the adjustment is beyond 1000000000 units"
        case .adjustmentWithoutStock: "an adjustment of a code without stock tracking"
        case .creditNotNegative: "a credit note line needs a quantity below 0"
        case .nothingBought: "a return of units that this customer never bought before"
        case .notEnoughUnits: "a return of more units than this customer has not yet returned"
        case .anotherCustomer: "another customer than on the invoice's first order line"
        }
    }
}
