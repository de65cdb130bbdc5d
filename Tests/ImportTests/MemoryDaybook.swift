import DaybookCore
import DaybookDecisions

@testable import daybook

/// A daybook in memory, just strict enough to be imported into: keys, stock, payments before
/// shipments, shipments before returns. Its log can be compared line by line.
final class MemoryDaybook: ImportTarget {
    /// Stops the program, as `kill -9` would, when so many batches have been recorded in this life.
    struct Killed: Error {}

    private struct Product {
        var isStocked: Bool
        var onHand: Int64 = 0
        var reserved: Int64 = 0
    }

    private struct Order {
        var id: OrderID
        var payment: PaymentID?
        var lines: [OrderLine]
        var isPaid: Bool
        var isShipped = false
        var returned: [Int32: Int32] = [:]
    }

    struct Refusal: Error {
        var code: String
    }

    private struct Batch {
        var metadata: BatchMetadata
        var events: [Event]
        var record: ImportRecord
    }

    private var batches: [Batch] = []
    private var keys: [String: Int] = [:]
    private var products: [String: Product] = [:]
    private var orders: [OrderID: Order] = [:]
    private var users: [String: UserID] = [:]
    /// Payments and refunds to make, in log order.
    private var intents: [Event] = []
    private var identifierCount: UInt128 = 0
    /// Batches until the program dies; `nil`: it lives.
    var batchesToLive: Int?
    /// Keys that are refused whatever they ask for.
    var refusedKeys: Set<String> = []
    private(set) var reactorRuns = 0
    /// How often the reactors had run when the read models were hurried.
    private(set) var hurries: [Int] = []

    /// What was recorded, one line per batch: key, command, events.
    var log: [String] {
        batches.map { batch in
            let events = batch.events.map { "\($0)" }.joined(separator: ",")
            return "\(batch.metadata.idempotencyKey ?? "-") \(batch.metadata.command) \(events)"
        }
    }

    var keyLog: [String] {
        batches.map { "\($0.metadata.command) \($0.metadata.idempotencyKey ?? "-")" }
    }

    func record(_ requests: [ImportRequest]) async throws -> [ImportOutcome] {
        try requests.map { request in
            let command = request.commands.count == 1 ? request.commands[0].name : "Transaction"
            let scope = "\(command)/\(request.key)"
            if let index = keys[scope] {
                var record = batches[index].record
                record.isRepeat = true
                return .recorded(record)
            }
            let before = (products, orders, users, intents)
            do throws(Refusal) {
                guard !refusedKeys.contains(request.key) else { throw Refusal(code: "forbidden") }
                var record = ImportRecord(isRepeat: false)
                var events: [Event] = []
                identifierCount = 0
                for command in request.commands {
                    events += try decide(command, at: request.time, &record)
                }
                try live()
                keys[scope] = batches.count
                append(events, record, command: command, key: request.key, at: request.time)
                return .recorded(record)
            } catch {
                (products, orders, users, intents) = before
                guard error.code != "killed" else { throw Killed() }
                return .refused(code: error.code, message: "no: \(error.code)")
            }
        }
    }

    private func live() throws(Refusal) {
        guard let left = batchesToLive else { return }
        guard left > 0 else { throw Refusal(code: "killed") }
        batchesToLive = left - 1
    }

    private func append(
        _ events: [Event], _ record: ImportRecord, command: String, key: String?, at time: Instant
    ) {
        let metadata = BatchMetadata(
            recordedAt: time, actor: key == nil ? .gateway : .import, command: command,
            idempotencyKey: key)
        batches.append(Batch(metadata: metadata, events: events, record: record))
    }

    func hurryReadModels() { hurries.append(reactorRuns) }

    func runReactors() async throws {
        reactorRuns += 1
        while let intent = intents.first {
            do { try live() } catch { throw Killed() }
            intents.removeFirst()
            let record = ImportRecord(isRepeat: false)
            let time = Instant(microseconds: 0)
            switch intent {
            case .paymentRequested(let payment):
                orders[payment.orderID]?.isPaid = true
                append(
                    [
                        .paymentCaptured(
                            PaymentCaptured(
                                paymentID: payment.paymentID, orderID: payment.orderID,
                                captureID: CaptureID(rawValue: payment.paymentID.rawValue),
                                amount: payment.amount, reference: "bank"))
                    ], record, command: "RecordPaymentOutcome", key: nil, at: time)
            case .refundRequested(let refund):
                append(
                    [
                        .refundSucceeded(
                            RefundSucceeded(
                                paymentID: refund.paymentID, orderID: refund.orderID,
                                refundID: refund.refundID, amount: refund.amount,
                                reference: "bank"))
                    ], record, command: "RecordPaymentOutcome", key: nil, at: time)
            default: preconditionFailure("MemoryDaybook: no such intent")
            }
        }
    }

    func verificationToken(for user: UserID) async throws -> String? { "token-\(user)" }
    func user(withEmail email: String) async throws -> UserID? { users[email] }
    func isStocked(sku: String) async throws -> Bool? { products[sku]?.isStocked }

    func availableUnits(sku: String) async throws -> Int64 {
        products[sku].map { $0.onHand - $0.reserved } ?? 0
    }

    func recorded(of history: OrderHistory) async throws -> RecordedImports {
        var recorded = RecordedImports(of: history)
        for batch in batches { recorded.add(batch.metadata, batch.events) }
        return recorded
    }

    var batchCount: Int { batches.count }

    func count(_ scope: ImportScope, in range: Range<Int>) -> ImportCount {
        var count = ImportCount(scope)
        for batch in batches[range] { count.add(batch.metadata, batch.events) }
        return count
    }

    func count(_ scope: ImportScope) async throws -> ImportCount {
        var count = count(scope, in: batches.indices)
        count.finalUnits = products.values.reduce(0) { $0 + $1.onHand }
        return count
    }
}

// MARK: - Decisions

extension MemoryDaybook {
    private func nextIdentifier() -> UInt128 {
        // By the place in the log, so that a resumed import gives the same ones.
        identifierCount += 1
        return UInt128(batches.count + 1) << 32 | identifierCount
    }

    private func decide(
        _ command: Command, at time: Instant, _ record: inout ImportRecord
    ) throws(Refusal) -> [Event] {
        switch command {
        case .addProduct(let command): return try add(command)
        case .receiveStock(let command):
            products[command.sku]?.onHand += Int64(command.quantity)
            return [
                .stockReceived(
                    StockReceived(
                        sku: sku(command.sku), location: command.location,
                        quantity: Int64(command.quantity)))
            ]
        case .registerUser(let command):
            guard users[command.email] == nil else {
                throw Refusal(code: "email_already_registered")
            }
            let user = UserID(rawValue: nextIdentifier())
            users[command.email] = user
            record.user = user
            return [
                .userRegistered(
                    UserRegistered(
                        userID: user, emailDigest: EmailDigest(digest: .zero),
                        email: Sealed(box: [], keyVersion: 1)))
            ]
        case .verifyEmail: return []
        case .adjustStock(let command): return try adjust(command)
        case .createOrder(let command): return try place(command, &record)
        case .shipOrder(let command): return try ship(command)
        case .requestReturn(let command): return try request(command)
        case .receiveReturn(let command): return try receive(command)
        case .refundPayment(let command): return try refund(command)
        default: throw Refusal(code: "not_expected")
        }
    }

    private func sku(_ code: String) -> SKU {
        guard let sku = SKU(rawValue: code) else {
            preconditionFailure("MemoryDaybook: the importer checked the code")
        }
        return sku
    }

    private func add(_ command: AddProduct) throws(Refusal) -> [Event] {
        guard products[command.sku] == nil else { throw Refusal(code: "duplicate_sku") }
        products[command.sku] = Product(isStocked: command.stocked)
        return [
            .productAdded(
                ProductAdded(
                    sku: sku(command.sku), name: command.productName, price: command.price,
                    stocked: command.stocked, backorder: false))
        ]
    }

    private func adjust(_ command: AdjustStock) throws(Refusal) -> [Event] {
        guard var product = products[command.sku] else { throw Refusal(code: "product_not_found") }
        product.onHand += Int64(command.delta)
        guard product.onHand >= product.reserved else { throw Refusal(code: "negative_stock") }
        products[command.sku] = product
        return [
            .stockAdjusted(
                StockAdjusted(
                    sku: sku(command.sku), location: command.location, delta: Int64(command.delta),
                    reason: command.reason))
        ]
    }

    private func place(
        _ command: CreateOrder, _ record: inout ImportRecord
    ) throws(Refusal) -> [Event] {
        var lines: [OrderLine] = []
        for item in command.items {
            guard var product = products[item.sku] else {
                throw Refusal(code: "insufficient_stock")
            }
            if product.isStocked { product.reserved += Int64(item.quantity) }
            guard product.reserved <= product.onHand else {
                throw Refusal(code: "insufficient_stock")
            }
            products[item.sku] = product
            let quantity = Int32(item.quantity)
            lines.append(
                OrderLine(
                    lineNumber: Int32(lines.count + 1), sku: sku(item.sku), name: item.sku,
                    quantity: Quantity(rawValue: quantity) ?? Quantity(rawValue: 1)!,
                    unitPriceMinor: item.unitPrice?.minor ?? 0, priceOverridden: true,
                    netMinor: Int64(quantity) * (item.unitPrice?.minor ?? 0), taxMinor: 0,
                    unstocked: !product.isStocked))
        }
        let id = OrderID(rawValue: nextIdentifier())
        let net = lines.reduce(0) { $0 + $1.netMinor }
        let currency = command.items[0].unitPrice?.currency ?? Currency(rawValue: "GBP")!
        let payment = net > 0 ? PaymentID(rawValue: nextIdentifier()) : nil
        orders[id] = Order(id: id, payment: payment, lines: lines, isPaid: payment == nil)
        record.order = ImportRecord.Order(id: id, payment: payment)
        let placed = OrderPlaced(
            orderID: id, orderNumber: UInt64(orders.count), userID: command.user, lines: lines,
            currency: currency, netMinor: net, taxMinor: 0, payableMinor: net, taxRate: .zero,
            rounding: .halfUp, captureMode: .automatic)
        guard let payment else { return [.orderPlaced(placed)] }
        let asked = Event.paymentRequested(
            PaymentRequested(
                paymentID: payment, orderID: id, attempt: 1,
                amount: Money(minor: net, currency: currency), captureMode: .automatic,
                gatewayKey: "key"))
        intents.append(asked)
        return [.orderPlaced(placed), asked]
    }

    private func ship(_ command: ShipOrder) throws(Refusal) -> [Event] {
        guard var order = orders[command.order], order.isPaid, !order.isShipped else {
            throw Refusal(code: "illegal_transition")
        }
        order.isShipped = true
        orders[command.order] = order
        for line in order.lines where !line.unstocked {
            products[line.sku.rawValue]?.onHand -= Int64(line.quantity.rawValue)
            products[line.sku.rawValue]?.reserved -= Int64(line.quantity.rawValue)
        }
        return [.processingStarted(ProcessingStarted(orderID: order.id))]
    }

    private func request(_ command: RequestReturn) throws(Refusal) -> [Event] {
        guard let order = orders[command.order], order.isShipped else {
            throw Refusal(code: "illegal_transition")
        }
        for line in command.lines {
            let sold = order.lines[line.lineNumber - 1].quantity.rawValue
            let returned = order.returned[Int32(line.lineNumber)] ?? 0
            guard Int32(line.quantity) <= sold - returned else {
                throw Refusal(code: "over_return")
            }
        }
        return []
    }

    private func receive(_ command: ReceiveReturn) throws(Refusal) -> [Event] {
        guard var order = orders[command.order] else { throw Refusal(code: "order_not_found") }
        for receipt in command.lines {
            let line = order.lines[receipt.lineNumber - 1]
            order.returned[Int32(receipt.lineNumber), default: 0] += Int32(receipt.received)
            if !line.unstocked {
                products[line.sku.rawValue]?.onHand += Int64(receipt.received)
            }
        }
        orders[command.order] = order
        return [
            .returnReceived(
                ReturnReceived(
                    orderID: order.id, returnID: ReturnID(rawValue: nextIdentifier()),
                    lines: command.lines.map {
                        ReturnedLine(
                            lineNumber: Int32($0.lineNumber), received: Int32($0.received),
                            damaged: 0)
                    }))
        ]
    }

    private func refund(_ command: RefundPayment) throws(Refusal) -> [Event] {
        let order = orders.values.first { $0.payment == command.payment }
        guard let order else { throw Refusal(code: "payment_not_found") }
        let asked = Event.refundRequested(
            RefundRequested(
                paymentID: command.payment, orderID: order.id,
                refundID: RefundID(rawValue: nextIdentifier()), amount: command.amount,
                reason: command.reason, paymentReference: "bank"))
        intents.append(asked)
        return [asked]
    }
}
