import DaybookCore
import DaybookDecisions
import DaybookProjections
import Glibc

/// The seed of the tests that draw: from `DAYBOOK_SEED`, printed in every failure.
enum TestSeed {
    static let value: UInt64 = {
        guard let text = getenv("DAYBOOK_SEED"), let seed = UInt64(String(cString: text)) else {
            return 20_260_101
        }
        return seed
    }()

    static var note: String { "repeat with DAYBOOK_SEED=\(value) swift test --filter Projections" }
}

/// Source: Sebastiano Vigna, SplitMix64 (public domain).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// Draws valid histories of a small, busy shop: few people, few products, so that they collide.
struct HistoryGenerator {
    private struct DrawnOrder {
        var number: UInt64
        var wants: [Want]
        var sum: Int64
        var isOpen = true
        var isPaid = false
        var isWaiting = true
        var isProcessing = false
        var shipped: [Int32]
        var returned: [Int32]
        var refunded: Int64 = 0
        var attempt: Int32 = 1
        var mode: CaptureMode
    }

    private(set) var history = History()
    private var random: SplitMix64
    private var orders: [DrawnOrder] = []
    private var shipments: UInt64 = 0
    private var returns: UInt64 = 0
    private var refunds: UInt64 = 0
    private var mails: UInt64 = 0
    private let users = (1...4 as ClosedRange<UInt128>).map { UserID(rawValue: 0xA0 + $0) }
    private let products = (1...6).map { Cast.sku("SKU-\($0)") }

    static func history(seed: UInt64, steps: Int) -> History {
        var generator = HistoryGenerator(random: SplitMix64(seed: seed))
        generator.open()
        for _ in 0..<steps { generator.step() }
        return generator.history
    }

    private init(random: SplitMix64) {
        self.random = random
    }

    private mutating func chance(_ part: Int, in whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &random) < part
    }

    private mutating func record(_ events: [Event]) {
        guard !events.isEmpty else { return }
        // Often no time passes, so that equal times are common.
        history.record(events, advancing: chance(1, in: 2) ? 0 : 1)
    }

    private mutating func open() {
        for (index, user) in users.enumerated() {
            let number = UInt64(index) + 1
            record([
                .registered(user, digest: UInt8(number)),
                .issued(number, to: user, digest: UInt8(number), expiresAt: History.dawn),
            ])
            if chance(3, in: 4) { record([.verified(user, by: number)]) }
        }
        for (index, sku) in products.enumerated() {
            record([.added(sku, Int64(100 * index + 99)), .received(sku, 1_000)])
        }
    }

    private mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<6: place()
        case 6..<10: settle()
        case 10..<12: start()
        case 12..<15: ship()
        case 15: giveUp()
        case 16: takeBack()
        case 17: refund()
        case 18: mail()
        default: change()
        }
    }

    // MARK: Steps

    private mutating func place() {
        let number = UInt64(orders.count) + 1
        var wants: [Want] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0..<products.count, using: &random)
            wants.append(
                Want(
                    products[index], Int32.random(in: 1...5, using: &random),
                    at: Int64(100 * index + 99)))
        }
        let user = users[Int.random(in: 0..<users.count, using: &random)]
        let sum = wants.reduce(0) { $0 + Int64($1.quantity) * $1.unitPrice }
        let mode: CaptureMode = chance(1, in: 3) ? .manual : .automatic
        let deadline = chance(1, in: 2) ? history.now.advanced(bySeconds: 30) : nil
        record([
            .placed(number, by: user, wants, expiresAt: deadline, capture: mode),
            .reserved(number, wants), .paymentRequested(number, sum, capture: mode),
        ])
        orders.append(
            DrawnOrder(
                number: number, wants: wants, sum: sum,
                shipped: wants.map { _ in 0 }, returned: wants.map { _ in 0 }, mode: mode))
        if chance(1, in: 3) { settle(orders.count - 1) }
    }

    private mutating func pick(_ isMeant: (DrawnOrder) -> Bool) -> Int? {
        orders.indices.filter { isMeant(orders[$0]) }.randomElement(using: &random)
    }

    private mutating func settle() {
        guard let index = pick({ $0.isOpen && !$0.isPaid }) else { return }
        if !orders[index].isWaiting {
            orders[index].attempt += 1
            orders[index].isWaiting = true
            record([
                .reserved(orders[index].number, orders[index].wants),
                .paymentRequested(
                    orders[index].number, orders[index].sum, attempt: orders[index].attempt,
                    capture: orders[index].mode),
            ])
        }
        settle(index)
    }

    private mutating func settle(_ index: Int) {
        let order = orders[index]
        switch Int.random(in: 0..<11, using: &random) {
        case 0: record([.outcomeUnknown(order.number)])
        case 1:
            record([
                .declined(order.number, attempt: order.attempt),
                .released(order.number, order.wants),
            ])
            orders[index].isWaiting = false
        case 2:
            record([.authorized(order.number, order.sum)])
            record([.captureRequested(order.number, order.sum)])
        case 3: record([.authorized(order.number, order.sum)])
        case 4: record([.voidRequested(order.number)])
        case 5 where chance(1, in: 2): record([.voided(order.number)])
        case 6 where chance(1, in: 4): record([.mismatch(order.number, order.sum, got: 1)])
        default:
            mails += 1
            var events: [Event] = [.captured(order.number, order.sum)]
            events.append(.mailRequested(mails, to: users[0], order: order.number))
            record(events)
            orders[index].isPaid = true
        }
    }

    private mutating func start() {
        guard let index = pick({ $0.isOpen && $0.isPaid && !$0.isProcessing }) else { return }
        record([.started(orders[index].number)])
        orders[index].isProcessing = true
    }

    private mutating func ship() {
        guard
            let index = pick({ order in
                order.isOpen && order.isPaid
                    && zip(order.wants, order.shipped).contains { $0.quantity > $1 }
            })
        else { return }
        var lines: [(Int32, Int32)] = []
        var moved: [Want] = []
        for line in orders[index].wants.indices {
            let left = orders[index].wants[line].quantity - orders[index].shipped[line]
            guard left > 0, lines.isEmpty || chance(1, in: 2) else { continue }
            let count = Int32.random(in: 1...left, using: &random)
            lines.append((Int32(line + 1), count))
            orders[index].shipped[line] += count
            moved.append(Want(orders[index].wants[line].sku, count))
        }
        shipments += 1
        record([
            .dispatched(orders[index].number, shipments, lines),
            .stockShipped(orders[index].number, shipments, moved),
        ])
    }

    private mutating func giveUp() {
        guard
            let index = pick({ $0.isOpen && !$0.isProcessing && $0.shipped.allSatisfy { $0 == 0 } })
        else { return }
        let order = orders[index]
        orders[index].isOpen = false
        let end: Event =
            order.isPaid || chance(1, in: 2)
            ? .cancelled(order.number) : .expired(order.number, deadline: history.now)
        record(order.isWaiting ? [end, .released(order.number, order.wants)] : [end])
        if !order.isPaid, order.isWaiting, chance(1, in: 2) {
            refunds += 1
            record([
                .late(order.number, order.sum),
                .refundRequested(order.number, refunds, order.sum),
            ])
            record([.refundSucceeded(order.number, refunds, order.sum)])
        }
    }

    private mutating func takeBack() {
        guard
            let index = pick({ order in
                zip(order.shipped, order.returned).contains { $0 > $1 }
            })
        else { return }
        var lines: [(Int32, Int32)] = []
        for line in orders[index].wants.indices {
            let left = orders[index].shipped[line] - orders[index].returned[line]
            guard left > 0 else { continue }
            lines.append((Int32(line + 1), chance(1, in: 3) ? 1 : left))
            orders[index].returned[line] += lines[lines.count - 1].1
        }
        returns += 1
        record([.returnRequested(orders[index].number, returns, lines)])
        record([
            .returnReceived(orders[index].number, returns, lines),
            .restocked(
                orders[index].number, returns,
                lines.map { Want(orders[index].wants[Int($0.0) - 1].sku, $0.1) }),
        ])
    }

    private mutating func refund() {
        guard let index = pick({ $0.isPaid && $0.refunded < $0.sum }) else { return }
        let amount = chance(1, in: 2) ? orders[index].sum - orders[index].refunded : 1
        refunds += 1
        let number = orders[index].number
        record([.refundRequested(number, refunds, amount)])
        if chance(3, in: 4) {
            orders[index].refunded += amount
            record([.refundSucceeded(number, refunds, amount)])
        } else {
            record([
                .refundFailed(
                    RefundFailed(
                        paymentID: Cast.payment(number), orderID: Cast.order(number),
                        refundID: Cast.refund(refunds), amount: Cast.pounds(amount), code: "no"))
            ])
        }
    }

    private mutating func mail() {
        guard mails > 0 else { return }
        let id = Cast.mail(UInt64.random(in: 1...mails, using: &random))
        let sent = Event.mailSent(MailSent(mailID: id, providerID: "p"))
        let failed = Event.mailFailed(MailFailed(mailID: id, error: "later", willRetry: true))
        record([chance(2, in: 3) ? sent : failed])
    }

    private mutating func change() {
        let sku = products[Int.random(in: 0..<products.count, using: &random)]
        let user = users[Int.random(in: 0..<users.count, using: &random)]
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            record([
                .priceChanged(
                    PriceChanged(
                        sku: sku, oldPrice: Cast.pounds(1), newPrice: Cast.pounds(2)))
            ])
        case 1: record([.productRenamed(ProductRenamed(sku: sku, name: "New \(sku)"))])
        case 2: record([.userDeactivated(UserDeactivated(userID: user, reason: "drawn"))])
        default: record([.userReactivated(UserReactivated(userID: user, reason: "drawn"))])
        }
    }
}
