import DaybookCore

/// The open orders, the settled ones in a cache, and the ways to find them.
///
/// Open orders that were not asked for lately are packed, unless something about them may fall due: those
/// are looked through by timers and at start.
struct OrderTable: ~Copyable, Sendable {
    private var open = IdentifierTable<OrderState>()
    private var packed = PackedOrders()
    /// The orders of `open` in the order in which they came; some have left since.
    private var queue: [UInt128] = []
    private var queueStart = 0
    private var closed: ClosedOrders
    /// Of cached orders, and of open ones that are not packed.
    private var ordersByPayment = IdentifierMap<UInt128>(filler: 0)
    /// The provider's names of their payments, unless they are keys of ours.
    private var paymentsByReference: [String: PaymentID] = [:]
    /// So many open orders at least stay unpacked.
    private let unpackedCapacity: Int

    init(closedCapacity: Int, unpackedCapacity: Int) {
        closed = ClosedOrders(capacity: closedCapacity)
        self.unpackedCapacity = unpackedCapacity
    }

    /// What is copied is what is changed later; until then both share it.
    func copy() -> OrderTable {
        var copy = OrderTable(closedCapacity: closed.capacity, unpackedCapacity: unpackedCapacity)
        copy.open = open
        copy.packed = packed.copy()
        copy.queue = queue
        copy.queueStart = queueStart
        copy.closed = closed
        copy.ordersByPayment = ordersByPayment
        copy.paymentsByReference = paymentsByReference
        return copy
    }

    var openCount: Int { open.count + packed.count }
    var closedCount: Int { closed.count }
    var packedCount: Int { packed.count }
    /// How many entries wait to be looked at for packing; a test's measure.
    var queuedCount: Int { queue.count - queueStart }

    subscript(_ id: OrderID) -> OrderState? { open[id.rawValue] ?? packed[id] ?? closed[id] }

    func contains(_ id: OrderID) -> Bool {
        open.contains(id.rawValue) || packed.contains(id) || closed.contains(id)
    }

    func orderID(of payment: PaymentID) -> OrderID? {
        ordersByPayment[payment.rawValue].map(OrderID.init(rawValue:))
            ?? packed.order(ofPayment: payment)
    }

    func payment(withReference reference: String) -> PaymentID? { paymentsByReference[reference] }

    /// Visits every open order, in no particular order: whatever reaches an output is sorted after.
    func forEachOpen(_ body: (OrderState) -> Void) {
        forEachRestless(body)
        packed.forEach(body)
    }

    /// The same without those that are packed: nothing about them is asked for or falls due.
    func forEachRestless(_ body: (OrderState) -> Void) {
        for order in open.all { body(order) }
    }

    /// Whether the other one has the same open orders in the same state, packed or not.
    func opensSame(as other: borrowing OrderTable) -> Bool {
        guard openCount == other.openCount else { return false }
        return open.all.allSatisfy { other.opens($0) }
            && packed.allSatisfy(besides: other.packed) { other.opens($0) }
    }

    /// Whether the order is open here, in the same state.
    private func opens(_ order: OrderState) -> Bool {
        (open[order.id.rawValue] ?? packed[order.id]).map { order.isSame(as: $0) } ?? false
    }

    /// Writes the open orders by id, each as one message.
    func encodeOpen(field number: Int, into writer: inout WireWriter) {
        var ids: [OrderID] = []
        ids.reserveCapacity(openCount)
        forEachRestless { ids.append($0.id) }
        packed.forEachID { ids.append($0) }
        for id in ids.sorted() {
            writer.field(number) { (open[id.rawValue] ?? packed[id])?.encode(into: &$0) }
        }
    }

    mutating func insert(_ order: OrderState) {
        guard !contains(order.id) else { return }
        place(order)
    }

    /// Changes an order in place and moves it between table and cache if it was settled or unsettled.
    mutating func update(_ id: OrderID, _ change: (inout OrderState) -> Void) {
        let isSettled = open.update(id.rawValue) { order in
            change(&order)
            return order.isSettled
        }
        if let isSettled {
            if isSettled, let order = open.remove(id.rawValue) { closed.insert(order) }
        } else if var order = unpack(id) {
            change(&order)
            if order.isSettled { closed.insert(order) } else { keep(order) }
        } else if closed.update(id, change), closed[id]?.isSettled == false,
            let order = closed.remove(id)
        {
            place(order)
        }
    }

    private mutating func place(_ order: OrderState) {
        keep(order)
        learn(from: order)
    }

    private mutating func keep(_ order: OrderState) {
        open.set(order, for: order.id.rawValue)
        queue.append(order.id.rawValue)
        if queue.count - queueStart > 2 * open.count + 1_024 { forgetThoseThatLeft() }
        packOldest()
    }

    /// A shop whose orders are soon settled packs none, and its queue must not grow all the same.
    private mutating func forgetThoseThatLeft() {
        var seen: Set<UInt128> = []
        queue = queue[queueStart...].filter { open.contains($0) && seen.insert($0).inserted }
        queueStart = 0
    }

    /// Looks at no more than two orders, so that no insertion waits for long.
    private mutating func packOldest() {
        for _ in 0..<2 where open.count > unpackedCapacity && queueStart < queue.count {
            let id = queue[queueStart]
            queueStart += 1
            guard let isQuiet = open.update(id, { $0.isQuiet }) else { continue }
            if isQuiet, packed.hasRoom, let order = open.remove(id) {
                pack(order)
            } else {
                queue.append(id)
            }
        }
        if queueStart > 1_024, queueStart * 2 > queue.count {
            queue.removeFirst(queueStart)
            queueStart = 0
        }
    }

    /// What leads from the payment to the order moves with it.
    private mutating func pack(_ order: OrderState) {
        var isFoundByPayment = false
        if let payment = order.payment?.id.rawValue,
            ordersByPayment[payment] == order.id.rawValue
        {
            ordersByPayment.remove(payment)
            isFoundByPayment = true
        }
        packed.insert(order, isFoundByPayment: isFoundByPayment)
    }

    private mutating func unpack(_ id: OrderID) -> OrderState? {
        guard let (order, wasFoundByPayment) = packed.remove(id) else { return nil }
        if wasFoundByPayment, let payment = order.payment?.id,
            ordersByPayment[payment.rawValue] == nil
        {
            learn(payment: payment, of: id)
        }
        return order
    }

    /// Takes in an order that was folded from the log; it goes where it belongs.
    mutating func load(_ order: OrderState) {
        guard !contains(order.id) else { return }
        if order.isSettled {
            closed.insert(order)
            learn(from: order)
        } else {
            place(order)
        }
    }

    private mutating func learn(from order: OrderState) {
        guard let payment = order.payment else { return }
        learn(payment: payment.id, of: order.id)
        if !payment.reference.isEmpty { learn(reference: payment.reference, of: payment.id) }
    }

    mutating func learn(payment: PaymentID, of order: OrderID) {
        ordersByPayment.set(order.rawValue, for: payment.rawValue)
    }

    /// A key of ours names its order itself, so nothing is to be remembered of it.
    mutating func learn(reference: String, of payment: PaymentID) {
        guard !GatewayKey.isKey(reference) else { return }
        // Writing what is there already would copy all of them in a trial of several commands.
        guard paymentsByReference[reference] != payment else { return }
        paymentsByReference[reference] = payment
    }

    mutating func evict(durableThrough position: LogPosition) {
        for order in closed.evict(durableThrough: position) {
            guard let payment = order.payment else { continue }
            ordersByPayment.remove(payment.id.rawValue)
            packed.forget(payment.id)
            if paymentsByReference[payment.reference] == payment.id {
                paymentsByReference[payment.reference] = nil
            }
        }
    }
}

// MARK: - Image

extension OrderTable {
    /// The fields of an image, in the message of the shop.
    private enum Field {
        static let unpacked = 4
        static let payments = 10
        static let references = 11
        static let names = 14
        static let chunks = 15
    }

    /// Writes the open orders as they lie here; what is known of payments of settled orders, which stay
    /// behind, is left out.
    func encodeImage(into writer: inout WireWriter, fieldEnded: (inout WireWriter) -> Void) {
        for order in open.all {
            writer.field(Field.unpacked) { order.encode(into: &$0) }
            fieldEnded(&writer)
        }
        packed.encodeImage(
            chunks: Field.chunks, names: Field.names, into: &writer, fieldEnded: fieldEnded)
        let settled = closed.payments
        ordersByPayment.encodeImage(
            field: Field.payments, into: &writer, fieldEnded: fieldEnded
        ) { payment in
            !settled.contains(payment)
        }
        for (reference, payment) in paymentsByReference
        where !settled.contains(payment.rawValue) {
            writer.field(Field.references) { writer in
                writer.field(1, text: reference)
                writer.field(2, identifier: payment.rawValue)
            }
            fieldEnded(&writer)
        }
    }

    /// Takes in a field of an image.
    ///
    /// - Returns: whether it is one.
    mutating func addImage(
        _ tag: WireTag, from reader: inout WireReader
    ) throws(WireError) -> Bool {
        switch tag.field {
        case Field.unpacked: add(try reader.decode(OrderState.self, tag))
        case Field.names: try packed.addImage(names: try reader.delimited(tag))
        case Field.chunks:
            try packed.addImage(chunk: try reader.delimited(tag), field: Field.chunks)
        case Field.payments:
            try ordersByPayment.addImage(try reader.delimited(tag), field: Field.payments)
        case Field.references:
            var entry = try reader.message(tag)
            var reference = ""
            var payment: PaymentID?
            while let tag = try entry.nextTag() {
                switch tag.field {
                case 1: reference = try entry.text(tag)
                case 2: payment = PaymentID(rawValue: try entry.identifier(tag))
                default: try entry.skip(tag)
                }
            }
            guard let payment else { throw .missing(field: 2) }
            learn(reference: reference, of: payment)
        default: return false
        }
        return true
    }

    /// Adds an order as it is; later insertions pack what is too much.
    private mutating func add(_ order: OrderState) {
        guard !contains(order.id) else { return }
        open.set(order, for: order.id.rawValue)
        queue.append(order.id.rawValue)
        learn(from: order)
    }

    /// - Parameter decodesOrders: whether nobody vouches for the bytes, so that each order is read.
    mutating func finishImage(decodesOrders: Bool) throws(WireError) {
        guard decodesOrders else { return }
        try packed.check(field: Field.chunks)
        var isApart = true
        forEachRestless { isApart = isApart && !packed.contains($0.id) }
        guard isApart else { throw .badValue(field: Field.chunks) }
    }
}
