import DaybookCore

/// An order history as it was read: what its rows say, in a compact form, and nothing decided yet.
///
/// About 48 bytes per row are kept, so that the second pass needs no second reading; the text of a
/// row is fetched again from the file where a reject needs it.
struct OrderHistory {
    /// The columns, in this order.
    static let columns = [
        "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
        "CustomerID", "Country",
    ]

    /// One well-formed row.
    struct Row {
        /// As people count: the header is row 1.
        var number: Int
        var byteOffset: Int
        var byteCount: Int
        /// Minor units of the currency; meaningless where a reason stands.
        var priceMinor: Int64
        var quantity: Int64
        /// Index into `products`; -1 where the code is no SKU.
        var product: Int32
        /// Index into `customers`; -1 where the customer number is not usable.
        var customer: Int32
        /// Why the row cannot be used, if something in it cannot be read.
        var flaw: RejectReason?
    }

    /// A row that breaks the grammar of the file.
    struct MalformedRow {
        var number: Int
        var byteOffset: Int
        var byteCount: Int
        var text: String
    }

    struct Product {
        var code: String
        /// The first description that is not blank, without blanks around it.
        var name: String?
        /// The first price above 0 that is written for it.
        var priceMinor: Int64 = 0
        /// Goods have codes that start with five digits; anything else is a service.
        var isStocked: Bool
    }

    /// Adjacent rows of one invoice number.
    struct Invoice {
        var number: String
        /// The row number of its first row; with the number it names the invoice.
        var firstRowNumber: Int
        /// Indices into `rows`.
        var rows: Range<Int>
        /// The time of its first row, or of its first row with a readable one.
        var time: Instant?
        var isCreditNote: Bool

        /// What makes a repeated import harmless.
        var key: String { "\(number)-\(firstRowNumber)" }
    }

    var rows: [Row] = []
    var malformedRows: [MalformedRow] = []
    var invoices: [Invoice] = []
    var products: [Product] = []
    /// Customer numbers in the order of first appearance; `nil` is the walk-in customer.
    var customers: [String?] = []
    /// What rows that may be stock adjustments say, by index into `rows`; others are left out.
    var adjustmentReasons: [Int: String] = [:]
    /// A name for the content of the whole file, so that another file is not taken for this one.
    var contentName = ""

    /// All rows of the file except its header.
    var rowCount: Int { rows.count + malformedRows.count }
    /// The time of the first invoice with a readable one: opening stock and accounts are older.
    var firstTime: Instant? { invoices.lazy.compactMap(\.time).first }
}
