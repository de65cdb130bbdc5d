import DaybookCore

/// Open orders that nobody has asked for lately, in few bytes: a tenth of the memory.
///
/// Each takes some 75 bytes of a slab and two entries of an index, by which it and its payment are found.
struct PackedOrders: ~Copyable, Sendable {
    private var slab: RecordSlab
    private var orders = PlaceIndex()
    /// Places of orders by their payments; of two orders with the same payment that of the later one.
    private var payments = PlaceIndex()
    private var packing = OrderPacking()
    private var scratch = WireWriter(capacity: 512)

    init(chunkByteCount: Int = 1 << 18) {
        slab = RecordSlab(chunkByteCount: chunkByteCount)
    }

    func copy() -> PackedOrders {
        var copy = PackedOrders()
        copy.slab = slab
        copy.orders = orders
        copy.payments = payments
        copy.packing = packing
        return copy
    }

    /// Whether there is room for one more.
    var hasRoom: Bool { slab.hasRoom }

    var count: Int { orders.count }

    func contains(_ id: OrderID) -> Bool { place(of: id) != nil }

    subscript(_ id: OrderID) -> OrderState? { place(of: id).map { order($0) } }

    /// The order whose payment is found here.
    func order(ofPayment payment: PaymentID) -> OrderID? {
        placeOfOrder(withPayment: payment).map { OrderID(rawValue: slab.identifier(at: $0)) }
    }

    /// - Parameter isFoundByPayment: whether its payment leads to it from now on.
    /// - Precondition: the order is not here, and there is room.
    mutating func insert(_ order: OrderState, isFoundByPayment: Bool = true) {
        scratch.removeAll()
        packing.encode(order, into: &scratch)
        let place = scratch.withUnsafeBytes { slab.append(order.id.rawValue, $0) }
        orders.insert(place, PlaceIndex.hash(order.id.rawValue))
        guard isFoundByPayment, let payment = order.payment?.id else { return }
        forget(payment)
        payments.insert(place, PlaceIndex.hash(payment.rawValue))
    }

    /// - Returns: the order, and whether its payment led to it.
    mutating func remove(_ id: OrderID) -> (order: OrderState, wasFoundByPayment: Bool)? {
        guard
            let place = orders.remove(
                PlaceIndex.hash(id.rawValue), where: { slab.identifier(at: $0) == id.rawValue })
        else { return nil }
        let order = order(place)
        let former = order.payment.flatMap { payment in
            payments.remove(PlaceIndex.hash(payment.id.rawValue)) { $0 == place }
        }
        slab.remove(place)
        if slab.isMostlyFree { moveTogether() }
        return (order, former != nil)
    }

    /// The payment leads nowhere from now on.
    mutating func forget(_ payment: PaymentID) {
        guard let place = placeOfOrder(withPayment: payment) else { return }
        payments.remove(PlaceIndex.hash(payment.rawValue)) { $0 == place }
    }

    /// Every order, in no order that means anything.
    ///
    /// - Complexity: O(*n*), about a microsecond each.
    func forEach(_ body: (OrderState) -> Void) {
        orders.forEach { place in body(order(place)) }
    }

    /// Whether `isSame` holds of every order that `other` does not have as well, in the same state.
    ///
    /// - Complexity: O(*n*); what both have in the same bytes is not unpacked.
    func allSatisfy(
        besides other: borrowing PackedOrders, _ isSame: (OrderState) -> Bool
    ) -> Bool {
        // The same bytes mean the same order where the same numbers mean the same texts.
        let comparesBytes = packing.numbersAgree(with: other.packing)
        var areAll = true
        orders.forEach { place in
            guard areAll, !(comparesBytes && other.holdsBytes(of: slab, at: place)) else { return }
            areAll = isSame(order(place))
        }
        return areAll
    }

    private func holdsBytes(of slab: RecordSlab, at place: UInt32) -> Bool {
        guard let own = self.place(of: OrderID(rawValue: slab.identifier(at: place))) else {
            return false
        }
        return slab.withContent(at: place) { theirs in
            self.slab.withContent(at: own) { $0.hasSameBytes(as: theirs) }
        }
    }

    func forEachID(_ body: (OrderID) -> Void) {
        orders.forEach { place in body(OrderID(rawValue: slab.identifier(at: place))) }
    }

    private func place(of id: OrderID) -> UInt32? {
        orders.place(PlaceIndex.hash(id.rawValue)) { slab.identifier(at: $0) == id.rawValue }
    }

    private func placeOfOrder(withPayment payment: PaymentID) -> UInt32? {
        payments.place(PlaceIndex.hash(payment.rawValue)) { self.payment(at: $0) == payment }
    }

    private func payment(at place: UInt32) -> PaymentID? {
        let order = slab.identifier(at: place)
        return slab.withContent(at: place) { OrderPacking.payment(of: order, in: $0) }
    }

    private func order(_ place: UInt32) -> OrderState {
        do throws(WireError) {
            return try decoded(place)
        } catch {
            preconditionFailure("PackedOrders: an order cannot be unpacked: \(error)")
        }
    }

    private func decoded(_ place: UInt32) throws(WireError) -> OrderState {
        let id = slab.identifier(at: place)
        return try slab.read(at: place) { reader throws(WireError) in
            try packing.decode(id, from: &reader)
        }
    }

    /// A chunk at a time, so that no removal waits for long.
    private mutating func moveTogether() {
        var (orders, payments) = (PlaceIndex(), PlaceIndex())
        swap(&orders, &self.orders)
        swap(&payments, &self.payments)
        let moved = slab.emptyOneChunk { id, place in
            orders.place(PlaceIndex.hash(id)) { $0 == place } != nil
        }
        for record in moved {
            let hash = PlaceIndex.hash(record.identifier)
            orders.remove(hash) { $0 == record.from }
            orders.insert(record.to, hash)
            let payment = slab.withContent(at: record.to) {
                OrderPacking.payment(of: record.identifier, in: $0)
            }
            guard let payment else { continue }
            let paymentHash = PlaceIndex.hash(payment.rawValue)
            if payments.remove(paymentHash, where: { $0 == record.from }) != nil {
                payments.insert(record.to, paymentHash)
            }
        }
        swap(&orders, &self.orders)
        swap(&payments, &self.payments)
    }
}

// MARK: - Image

extension PackedOrders {
    /// Writes the chunks without what was removed: a million orders in the time of a few copies.
    func encodeImage(
        chunks: Int, names: Int, into writer: inout WireWriter,
        fieldEnded: (inout WireWriter) -> Void
    ) {
        packing.encodeImage(field: names, into: &writer)
        slab.encodeImage(field: chunks, into: &writer, fieldEnded: fieldEnded) { id, place in
            orders.place(PlaceIndex.hash(id)) { $0 == place } != nil
        }
    }

    mutating func addImage(names bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        try packing.addImage(&reader)
    }

    /// Adds a chunk. Its orders are found by their payments unless the payment is known to lead elsewhere.
    mutating func addImage(
        chunk bytes: UnsafeRawBufferPointer, field number: Int
    ) throws(WireError) {
        var records: [(id: UInt128, place: UInt32)] = []
        try slab.addImage(chunk: bytes) { records.append(($0, $1)) }
        for record in records {
            let hash = PlaceIndex.hash(record.id)
            let other = orders.place(hash) { slab.identifier(at: $0) == record.id }
            guard other == nil else { throw .badValue(field: number) }
            orders.insert(record.place, hash)
            guard let payment = payment(at: record.place) else { continue }
            forget(payment)
            payments.insert(record.place, PlaceIndex.hash(payment.rawValue))
        }
    }

    /// Makes sure that every order can be unpacked.
    ///
    /// - Throws: ``WireError``; the table must not be used then.
    func check(field number: Int) throws(WireError) {
        var isSound = true
        orders.forEach { place in
            let order = try? decoded(place)
            isSound = isSound && order?.isQuiet == true
        }
        guard isSound else { throw .badValue(field: number) }
    }
}
