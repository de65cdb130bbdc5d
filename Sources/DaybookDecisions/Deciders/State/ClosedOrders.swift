import DaybookCore

/// Orders that were settled not long ago, or that a late command loaded: a bounded cache.
///
/// First in, first out; an order leaves only when all its events are durable, because then the log
/// has them. What is in here decides nothing that the log could not bring back.
struct ClosedOrders: Sendable {
    private struct Entry: Sendable {
        var order: OrderState
        /// Which element of the queue speaks for it.
        var ticket: UInt64
    }

    private var entries = IdentifierTable<Entry>()
    private var queue: [(order: OrderID, ticket: UInt64)] = []
    private var queueStart = 0
    private var nextTicket: UInt64 = 0
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { entries.count }

    subscript(_ id: OrderID) -> OrderState? { entries[id.rawValue]?.order }

    /// Their payments.
    var payments: Set<UInt128> {
        Set(entries.all.compactMap { $0.order.payment?.id.rawValue })
    }

    func contains(_ id: OrderID) -> Bool { entries.contains(id.rawValue) }

    mutating func insert(_ order: OrderState) {
        entries.set(Entry(order: order, ticket: nextTicket), for: order.id.rawValue)
        queue.append((order.id, nextTicket))
        nextTicket += 1
    }

    mutating func remove(_ id: OrderID) -> OrderState? {
        entries.remove(id.rawValue)?.order
    }

    /// Changes an order in place; returns whether it is here.
    mutating func update(_ id: OrderID, _ change: (inout OrderState) -> Void) -> Bool {
        entries.update(id.rawValue) { change(&$0.order) } != nil
    }

    /// Removes the oldest orders beyond the capacity, up to the first with an event that is not durable.
    mutating func evict(durableThrough position: LogPosition) -> [OrderState] {
        var evicted: [OrderState] = []
        while entries.count > capacity, queueStart < queue.count {
            let (id, ticket) = queue[queueStart]
            if let entry = entries[id.rawValue], entry.ticket == ticket {
                guard entry.order.lastPosition <= position else { break }
                entries.remove(id.rawValue)
                evicted.append(entry.order)
            }
            queueStart += 1
        }
        if queueStart > 1_024, queueStart * 2 > queue.count {
            queue.removeFirst(queueStart)
            queueStart = 0
        }
        return evicted
    }
}
