import DaybookCore
import DaybookDecisions
import DaybookProperties
import DaybookTestKit
import Testing

@Suite struct `The random shop itself` {
    @Test func `given its histories, then every kind of event, status and many rejections occur`()
        throws
    {
        var types: Set<String> = []
        var statuses: Set<OrderStatus> = []
        var rejections: Set<String> = []
        // Returns are at the end of a long way, and have histories of their own.
        let long = try (1...300 as ClosedRange<UInt64>).map(ShopWorkload.histories.sample)
        let parcels = try (1...60 as ClosedRange<UInt64>).map(OrderProperties.parcels.sample)
        for history in long + parcels {
            for fact in history.facts {
                types.insert(fact.event.type.rawValue)
                guard case .orderPlaced(let placed) = fact.event else { continue }
                if let order = history.state.order(placed.orderID) { statuses.insert(order.status) }
            }
            for step in history.steps {
                if case .failure(let rejection) = step.outcome { rejections.insert(rejection.code) }
            }
        }
        // Only operators of a running store skip events.
        let missing = Event.allTypes.map(\.rawValue).filter {
            !types.contains($0) && $0 != "ProjectionEventSkipped"
        }
        #expect(missing == [])
        #expect(statuses.count == OrderStatus.allCases.count - 1)  // Nobody confirms deliveries.
        #expect(rejections.count >= 15, "\(rejections.sorted())")
    }
}
