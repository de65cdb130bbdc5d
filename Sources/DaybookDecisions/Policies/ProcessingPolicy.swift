import DaybookCore

/// An event of an order, and the order as it is after it.
package struct OrderChange: Hashable, Sendable {
    package var event: Event
    package var order: OrderState

    package init(event: Event, order: OrderState) {
        self.event = event
        self.order = order
    }
}

/// When an order is paid, then start processing it, as a batch of its own: the command that paid
/// it still answers `paid`, as the reference does, and the dashboard lists the order from then on.
package struct ProcessingPolicy: Policy {
    /// The shop's setting.
    package var isOn: Bool

    package init(isOn: Bool) {
        self.isOn = isOn
    }

    package func intents(after change: OrderChange) -> [PreparedCommand] {
        guard isOn, change.order.status == .paid, !change.order.isHeld else { return [] }
        switch change.event {
        case .paymentCaptured, .orderPlaced:
            return [.startProcessing(StartProcessing(order: change.order.id))]
        default: return []
        }
    }
}
