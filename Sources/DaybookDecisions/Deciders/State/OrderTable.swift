import DaybookCore

/// The open orders in a slab, the settled ones in a cache, and the ways to find them.
struct OrderTable: Sendable {
    private var slots: [OrderState?] = []
    private var freeSlots: [Int32] = []
    private var slotsByID: [OrderID: Int32] = [:]
    private var closed: ClosedOrders
    /// Of open and cached orders.
    private var ordersByPayment: [PaymentID: OrderID] = [:]
    /// The provider's names of their payments.
    private var paymentsByReference: [String: PaymentID] = [:]

    init(closedCapacity: Int) {
        closed = ClosedOrders(capacity: closedCapacity)
    }

    var openCount: Int { slotsByID.count }
    var closedCount: Int { closed.count }

    subscript(_ id: OrderID) -> OrderState? {
        if let slot = slotsByID[id] { return slots[Int(slot)] }
        return closed[id]
    }

    func contains(_ id: OrderID) -> Bool { slotsByID[id] != nil || closed[id] != nil }
    func orderID(of payment: PaymentID) -> OrderID? { ordersByPayment[payment] }
    func payment(withReference reference: String) -> PaymentID? { paymentsByReference[reference] }

    /// Visits every open order, in no particular order: whatever reaches an output is sorted after.
    func forEachOpen(_ body: (OrderState) -> Void) {
        for case let order? in slots { body(order) }
    }

    /// The open orders by id.
    var openByID: [OrderState] {
        slots.compactMap(\.self).sorted { $0.id < $1.id }
    }

    mutating func insert(_ order: OrderState) {
        guard !contains(order.id) else { return }
        place(order)
    }

    /// Changes an order in place and moves it between table and cache if it was settled or unsettled.
    mutating func update(_ id: OrderID, _ change: (inout OrderState) -> Void) {
        if let slot = slotsByID[id].map(Int.init) {
            slots[slot].changeInPlace(change)
            if slots[slot]?.isSettled == true { close(slot) }
        } else if closed.update(id, change), closed[id]?.isSettled == false,
            let order = closed.remove(id)
        {
            place(order)
        }
    }

    private mutating func close(_ slot: Int) {
        guard let order = slots[slot] else { return }
        slots[slot] = nil
        freeSlots.append(Int32(slot))
        slotsByID[order.id] = nil
        closed.insert(order)
    }

    private mutating func place(_ order: OrderState) {
        if let slot = freeSlots.popLast() {
            slots[Int(slot)] = order
            slotsByID[order.id] = slot
        } else {
            slotsByID[order.id] = Int32(slots.count)
            slots.append(order)
        }
        learn(from: order)
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
        ordersByPayment[payment.id] = order.id
        if !payment.reference.isEmpty { paymentsByReference[payment.reference] = payment.id }
    }

    mutating func learn(payment: PaymentID, of order: OrderID) {
        ordersByPayment[payment] = order
    }

    mutating func learn(reference: String, of payment: PaymentID) {
        paymentsByReference[reference] = payment
    }

    mutating func evict(durableThrough position: LogPosition) {
        for order in closed.evict(durableThrough: position) {
            guard let payment = order.payment else { continue }
            ordersByPayment[payment.id] = nil
            if paymentsByReference[payment.reference] == payment.id {
                paymentsByReference[payment.reference] = nil
            }
        }
    }
}

extension Optional {
    fileprivate mutating func changeInPlace(_ change: (inout Wrapped) -> Void) {
        guard self != nil else { return }
        change(&self!)
    }
}
