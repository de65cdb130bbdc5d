package import DaybookCore

/// How late commands and replays find orders that have left the state.
///
/// An order that is neither open nor cached is settled and durable, so its events can be read from the
/// log by its tag. Asking again after loading is safe: two rounds are enough, because a payment leads
/// to its order and an order to nothing else. A tag that is still named after its events were loaded
/// belongs to nothing, and the command is then rejected.
extension Shop {
    /// The subjects that must be loaded before the command can be decided: `order:…` or `payment:…`.
    package func subjectsToLoad(for command: PreparedCommand) -> [Tag] {
        switch command {
        case .completeOrder(let command): missing(command.order)
        case .startProcessing(let command): missing(command.order)
        case .shipOrder(let command): missing(command.order)
        case .cancelOrder(let command): missing(command.order)
        case .expireOrder(let command): missing(command.order)
        case .requestReturn(let command): missing(command.order)
        case .receiveReturn(let command): missing(command.order)
        case .capturePayment(let command): missing(command.payment)
        case .voidPayment(let command): missing(command.payment)
        case .refundPayment(let command): missing(command.payment)
        case .recordPaymentOutcome(let command): missing(command.payment)
        case .ingestGatewayEvent(let command):
            GatewayKey(command.reference).map { missing($0.order) } ?? []
        default: []
        }
    }

    /// The orders that must be loaded before a recorded batch can be folded: those that it goes on
    /// with, but that this state, restored from a snapshot or relieved of old orders, does not hold.
    ///
    /// The events to load are those of the tag **before** the batch.
    package func subjectsToLoad(for facts: [Fact]) -> [Tag] {
        var known: OrderID?
        var tags: [Tag] = []
        for fact in facts {
            guard let order = fact.event.orderID, order != known else { continue }
            known = order
            if case .orderPlaced = fact.event { continue }
            guard !orders.contains(order), !tags.contains(order.tag),
                !facts.contains(where: { $0.event.places(order) })
            else { continue }
            tags.append(order.tag)
        }
        return tags
    }

    private func missing(_ order: OrderID) -> [Tag] {
        orders.contains(order) ? [] : [order.tag]
    }

    private func missing(_ payment: PaymentID) -> [Tag] {
        guard let order = orders.orderID(of: payment) else { return [payment.tag] }
        return missing(order)
    }

    /// Takes in all events of a settled order, or events of a payment, which only tell its order.
    ///
    /// Orders that are here already are left alone, so loading twice does no harm.
    package mutating func load(_ facts: [Fact]) {
        var building: [OrderState] = []
        for fact in facts {
            guard let id = fact.event.orderID else { continue }
            if case .paymentRequested(let event) = fact.event {
                orders.learn(payment: event.paymentID, of: id)
            }
            if case .orderPlaced(let event) = fact.event, !orders.contains(id) {
                building.append(
                    OrderState(event, at: fact.position, recordedAt: fact.recordedAt))
            } else if let index = building.lastIndex(where: { $0.id == id }) {
                building[index].apply(fact.event, at: fact.position)
            }
        }
        for order in building { orders.load(order) }
    }

    /// Lets settled orders whose events are durable leave the cache.
    package mutating func markDurable(through position: LogPosition) {
        orders.evict(durableThrough: position)
    }
}

extension Event {
    fileprivate func places(_ order: OrderID) -> Bool {
        if case .orderPlaced(let event) = self { event.orderID == order } else { false }
    }
}
