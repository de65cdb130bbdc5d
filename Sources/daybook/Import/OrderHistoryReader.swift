import DaybookCore
import DaybookDecisions

/// Builds an ``OrderHistory`` from the records of a CSV file, row by row.
struct OrderHistoryReader {
    private(set) var history = OrderHistory()
    private var codes = ByteInterner()
    private var customerNumbers = ByteInterner()
    private var walkIn: Int32 = -1
    /// By interned number: the index of the product or customer, or -1 where it is not usable.
    private var productIndices: [Int32] = []
    private var customerIndices: [Int32] = []
    /// The invoice number and date of the row before, so that equal ones are not read again.
    private var invoiceNumber: [UInt8] = []
    private var date: [UInt8] = []
    private var time: Instant?
    private var invoiceFlaw: RejectReason?

    /// Reads a whole file.
    ///
    /// - Throws: ``WrongHeader`` when the first row does not name the columns; what the source
    ///   throws.
    static func read(
        chunkByteCount: Int = 1 << 18, source: @escaping CSVReader.Source,
        progress: (_ rowCount: Int, _ byteCount: Int) throws -> Void = { _, _ in }
    ) throws -> OrderHistory {
        var contentHash = ContentHash()
        let csv = CSVReader(chunkByteCount: chunkByteCount) { buffer in
            let byteCount = try source(buffer)
            contentHash.combine(UnsafeRawBufferPointer(rebasing: buffer[..<byteCount]))
            return byteCount
        }
        var reader = OrderHistoryReader()
        let header = try csv.next { record in record.fields.map(\.text) } ?? []
        guard header.enumerated().map(OrderHistoryReader.withoutMark) == OrderHistory.columns else {
            throw WrongHeader(found: header)
        }
        while let byteCount = try csv.next({ record in
            reader.take(record)
            return record.byteOffset
        }) {
            if reader.history.rowCount & 0x1FFF == 0 {
                try progress(reader.history.rowCount, byteCount)
            }
        }
        reader.history.contentName = contentHash.text
        return reader.history
    }

    /// The first column's name without the byte order mark that some programs put in front.
    private static func withoutMark(_ index: Int, _ name: String) -> String {
        index == 0 && name.hasPrefix("\u{FEFF}") ? String(name.unicodeScalars.dropFirst()) : name
    }

    private mutating func take(_ record: CSVRecord) {
        guard record.flaw == nil, record.fields.count == OrderHistory.columns.count else {
            let columnCount = OrderHistory.columns.count
            let text = record.flaw ?? "\(record.fields.count) fields instead of \(columnCount)"
            history.malformedRows.append(
                OrderHistory.MalformedRow(
                    number: record.rowNumber, byteOffset: record.byteOffset,
                    byteCount: record.byteCount, text: text))
            return
        }
        let fields = record.fields
        openInvoice(fields[0], rowNumber: record.rowNumber)
        let isDated = readTime(fields[4])
        let price = NumberText.pennies(fields[5].bytes)
        let quantity = NumberText.integer(fields[3].bytes)
        let product = product(fields[1])
        let customer = customer(fields[6])
        var row = OrderHistory.Row(
            number: record.rowNumber, byteOffset: record.byteOffset, byteCount: record.byteCount,
            priceMinor: 0, quantity: quantity ?? 0, product: product, customer: customer,
            flaw: invoiceFlaw)
        switch price {
        case .success(let minor):
            row.priceMinor = minor
            if minor < 0 { row.flaw = row.flaw ?? .negativePrice }
        case .failure(let reason): row.flaw = row.flaw ?? reason
        }
        if product < 0 { row.flaw = row.flaw ?? .invalidSKU }
        if quantity == nil { row.flaw = row.flaw ?? .unreadableQuantity }
        if customer < 0 { row.flaw = row.flaw ?? .invalidCustomer }
        if !isDated { row.flaw = row.flaw ?? .invalidDate }
        describe(row, fields[2])
        history.rows.append(row)
        history.invoices[history.invoices.count - 1].rows =
            history.invoices[history.invoices.count - 1].rows.lowerBound..<history.rows.count
    }

    // MARK: Invoices

    /// Starts another invoice unless the row goes on with the one before.
    private mutating func openInvoice(_ field: CSVField, rowNumber: Int) {
        let isSame =
            !history.invoices.isEmpty
            && invoiceNumber.withUnsafeBytes { $0.hasSameBytes(as: field.bytes) }
        guard !isSame else { return }
        invoiceNumber = Array(field.bytes)
        let isUsable =
            (1...64).contains(invoiceNumber.count)
            && invoiceNumber.allSatisfy { (0x21...0x7E).contains($0) }
        invoiceFlaw = isUsable ? nil : .invalidInvoiceNumber
        history.invoices.append(
            OrderHistory.Invoice(
                number: field.text, firstRowNumber: rowNumber,
                rows: history.rows.count..<history.rows.count, time: nil,
                isCreditNote: invoiceNumber.first == UInt8(ascii: "C")))
    }

    /// Reads the date of a row; the invoice's time is its first readable one.
    private mutating func readTime(_ field: CSVField) -> Bool {
        let isSame = date.withUnsafeBytes { $0.hasSameBytes(as: field.bytes) }
        if time == nil || !isSame {
            date = Array(field.bytes)
            time = Instant(field.text)
        }
        let last = history.invoices.count - 1
        if history.invoices[last].time == nil { history.invoices[last].time = time }
        return time != nil
    }

    // MARK: Products and customers

    private mutating func product(_ field: CSVField) -> Int32 {
        let (number, isNew) = codes.intern(field.bytes)
        guard isNew else { return productIndices[number] }
        let code = field.text
        guard SKU(rawValue: code) != nil, String(validating: field.bytes, as: UTF8.self) != nil
        else {
            productIndices.append(-1)
            return -1
        }
        let isStocked =
            field.bytes.count >= 5
            && field.bytes.prefix(5).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
        let index = Int32(history.products.count)
        productIndices.append(index)
        history.products.append(OrderHistory.Product(code: code, isStocked: isStocked))
        return index
    }

    /// Notes a product's name and price where the row is the first to give them.
    private mutating func describe(_ row: OrderHistory.Row, _ description: CSVField) {
        guard row.product >= 0 else { return }
        let index = Int(row.product)
        if history.products[index].name == nil, !description.bytes.isEmpty {
            history.products[index].name = OrderHistoryReader.name(from: description.text)
        }
        if history.products[index].priceMinor == 0, row.priceMinor > 0 {
            history.products[index].priceMinor = row.priceMinor
        }
        if row.priceMinor == 0, row.flaw == nil, history.customers[Int(row.customer)] == nil,
            let reason = OrderHistoryReader.name(from: description.text)
        {
            history.adjustmentReasons[history.rows.count] = reason
        }
    }

    /// The text without blanks around it; `nil` when nothing is left.
    private static func name(from text: String) -> String? {
        let scalars = text.unicodeScalars
        let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return nil }
        return String(scalars[first...last])
    }

    private mutating func customer(_ field: CSVField) -> Int32 {
        guard !field.bytes.isEmpty else {
            if walkIn < 0 {
                walkIn = Int32(history.customers.count)
                history.customers.append(nil)
            }
            return walkIn
        }
        let (number, isNew) = customerNumbers.intern(field.bytes)
        guard isNew else { return customerIndices[number] }
        let isUsable =
            field.bytes.count <= 20
            && field.bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
        customerIndices.append(isUsable ? Int32(history.customers.count) : -1)
        if isUsable { history.customers.append(field.text) }
        return customerIndices[number]
    }
}

/// The first row of a file does not name the columns of an order history.
struct WrongHeader: Error, CustomStringConvertible {
    var found: [String]

    var description: String {
        let expected = OrderHistory.columns.joined(separator: ",")
        guard !found.isEmpty else {
            return "the file is empty; its first row must be: \(expected)"
        }
        let shown = found.joined(separator: ",").prefix(200)
        if shown.contains("7zXZ") {
            return "this file is compressed; give its text: xz -dc FILE | daybook import orders -"
        }
        return "this is no order history: its first row is \"\(shown)\", it must be: \(expected)"
    }
}
