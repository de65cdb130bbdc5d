import DaybookCore
import DaybookDecisions

/// Writes plans as commands of the domain.
struct ImportRequests {
    let history: OrderHistory
    let currency: Currency

    /// Where imported goods are kept.
    static let location = LocationID.main
    /// More cannot be received at once.
    static let receiptLimit: Int64 = 1_000_000_000

    private func code(_ product: Int32) -> String { history.products[Int(product)].code }

    /// What the history says about a stock adjustment: "damaged", "check", mostly nothing.
    private func reason(ofRow row: Int) -> String {
        history.adjustmentReasons[row] ?? "stock adjustment"
    }

    // MARK: Invoices

    /// The request for an invoice that has at least one accepted row.
    ///
    /// - Parameters:
    ///   - buyer: the account of the plan's customer; needed where the plan has order lines.
    ///   - orders: the orders of earlier invoices, by invoice index.
    func request(
        for plan: InvoicePlan, buyer: UserID?, orders: [Int: ImportRecord.Order]
    ) -> ImportRequest {
        // Returns come first: a correction after them may need the units that came back.
        var commands = plan.orderReturns.flatMap { part in
            guard let order = orders[part.invoice] else {
                preconditionFailure("ImportRequests: returns are matched with recorded orders only")
            }
            return returnCommands(part, order: order, creditNote: plan.invoice)
        }
        commands += plan.adjustments.map { adjustment in
            .adjustStock(
                AdjustStock(
                    sku: code(adjustment.product), location: ImportRequests.location,
                    delta: Int(adjustment.delta), reason: reason(ofRow: adjustment.row)))
        }
        if let buyer, !plan.lines.isEmpty { commands.append(order(plan, buyer: buyer)) }
        return ImportRequest(commands: commands, key: plan.key, time: plan.time)
    }

    private func order(_ plan: InvoicePlan, buyer: UserID) -> Command {
        .createOrder(
            CreateOrder(
                user: buyer,
                items: plan.lines.map { line in
                    OrderItem(
                        sku: code(line.product), quantity: Int(line.quantity),
                        unitPrice: Money(minor: line.unitPriceMinor, currency: currency))
                }))
    }

    private func returnCommands(
        _ part: InvoicePlan.OrderReturn, order: ImportRecord.Order, creditNote: Int
    ) -> [Command] {
        var commands: [Command] = [
            .requestReturn(
                RequestReturn(
                    order: order.id,
                    lines: part.lines.map {
                        LineReturn(lineNumber: Int($0.lineNumber), quantity: Int($0.quantity))
                    })),
            .receiveReturn(
                ReceiveReturn(
                    returnID: nil, order: order.id,
                    lines: part.lines.map {
                        LineReceipt(lineNumber: Int($0.lineNumber), received: Int($0.quantity))
                    },
                    restock: true)),
        ]
        if part.refundMinor > 0, let payment = order.payment {
            commands.append(
                .refundPayment(
                    RefundPayment(
                        payment: payment,
                        amount: Money(minor: part.refundMinor, currency: currency),
                        reason: "credit note \(history.invoices[creditNote].number)")))
        }
        return commands
    }

    /// Sends everything of an order.
    func shipment(of invoice: Int, order: ImportRecord.Order) -> ImportRequest? {
        let invoice = history.invoices[invoice]
        guard let time = invoice.time else { return nil }
        return ImportRequest(
            commands: [
                .shipOrder(
                    ShipOrder(order: order.id, lines: nil, location: ImportRequests.location))
            ],
            key: invoice.key, time: time)
    }

    // MARK: Catalogue, stock and accounts

    func product(_ index: Int, time: Instant) -> ImportRequest {
        let product = history.products[index]
        return ImportRequest(
            commands: [
                .addProduct(
                    AddProduct(
                        sku: product.code, productName: product.name ?? product.code,
                        price: Money(minor: product.priceMinor, currency: currency),
                        stocked: product.isStocked))
            ],
            key: "product:\(visible(product.code))", time: time)
    }

    /// What the keys of a history's opening stock begin with.
    static func stockPrefix(of history: OrderHistory) -> String {
        "stock:\(history.contentName):"
    }

    /// The opening stock of a product, in as many receipts as it takes; none for 0 units.
    func openingStock(_ index: Int, units: Int64, time: Instant) -> [ImportRequest] {
        let code = history.products[index].code
        var requests: [ImportRequest] = []
        var rest = units
        while rest > 0 {
            let part = min(rest, ImportRequests.receiptLimit)
            rest -= part
            // The file is part of the key: the opening stock of another file is another fact.
            var key = ImportRequests.stockPrefix(of: history) + visible(code)
            if !requests.isEmpty { key += ":\(requests.count + 1)" }
            requests.append(
                ImportRequest(
                    commands: [
                        .receiveStock(
                            ReceiveStock(
                                sku: code, location: ImportRequests.location, quantity: Int(part)))
                    ],
                    key: key, time: time))
        }
        return requests
    }

    func registration(_ customer: Int, time: Instant) -> ImportRequest {
        ImportRequest(
            commands: [.registerUser(RegisterUser(email: email(customer), password: nil))],
            key: "user:\(history.customers[customer] ?? "walk-in")", time: time)
    }

    func verification(_ customer: Int, token: String, time: Instant) -> ImportRequest {
        ImportRequest(
            commands: [.verifyEmail(VerifyEmail(token: token))],
            key: "verify:\(history.customers[customer] ?? "walk-in")", time: time)
    }

    /// An address that can never receive mail.
    ///
    /// Source: RFC 2606, `.invalid`.
    func email(_ customer: Int) -> String {
        let name = history.customers[customer].map { "customer-\($0)" } ?? "walk-in"
        return "\(name)@import.invalid"
    }

    /// A code in visible ASCII, as keys must be: other bytes become `%` and two digits, and a
    /// code that gets too long by it becomes a hash.
    private func visible(_ code: String) -> String {
        var text = ""
        for byte in code.utf8 {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += byte < 16 ? "%0" : "%"
                text += String(byte, radix: 16, uppercase: true)
            }
        }
        guard text.utf8.count > 200 else { return text }
        var hash = ContentHash()
        hash.combine(code)
        return "%\(hash.text)"
    }
}
