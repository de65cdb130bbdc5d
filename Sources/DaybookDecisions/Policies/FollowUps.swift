package import DaybookCore

/// Which commands the policies ask for; each is its own later batch, decided like any other.
package enum FollowUps {
    /// After a batch: what its facts ask for.
    ///
    /// - Parameter shop: the state with the facts folded in.
    package static func commands(
        after facts: [Fact], in shop: Shop, settings: ShopSettings
    ) -> [PreparedCommand] {
        guard settings.startProcessingWhenPaid else { return [] }
        let policy = ProcessingPolicy(isOn: true)
        var commands: [PreparedCommand] = []
        for fact in facts {
            guard fact.event.mayPay, let id = fact.event.orderID, let order = shop.order(id) else {
                continue
            }
            for command in policy.intents(after: OrderChange(event: fact.event, order: order))
            where !commands.contains(command) {
                commands.append(command)
            }
        }
        return commands
    }

    /// At start: what the policies asked for and a crash left undone.
    package static func commandsAtStart(
        in shop: Shop, settings: ShopSettings, limit: Int
    ) -> [PreparedCommand] {
        guard settings.startProcessingWhenPaid else { return [] }
        return shop.ordersAwaitingProcessing(limit: limit).map {
            .startProcessing(StartProcessing(order: $0))
        }
    }

    /// At a moment: what has become due.
    package static func commandsDue(
        at now: Instant, in shop: Shop, limit: Int
    ) -> [PreparedCommand] {
        shop.ordersDue(at: now, limit: limit).flatMap { ExpiryPolicy().intents(after: $0) }
    }
}

extension Event {
    /// Whether an order can have become paid by the event.
    fileprivate var mayPay: Bool {
        switch self {
        case .paymentCaptured: true
        case .orderPlaced: !Mutant.freeOrderNotProcessed.isPlanted
        default: false
        }
    }
}
