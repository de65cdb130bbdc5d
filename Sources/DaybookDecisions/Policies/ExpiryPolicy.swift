package import DaybookCore

/// When the deadline of an unpaid order has passed, then give it up. The deadline is data; the clock
/// only triggers.
package struct ExpiryPolicy: Policy {
    package init() {}

    package func intents(after order: OrderID) -> [PreparedCommand] {
        [.expireOrder(ExpireOrder(order: order))]
    }
}
