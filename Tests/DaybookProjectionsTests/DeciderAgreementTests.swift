import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

/// The decider folds the same events for its own decisions; both must see the same orders.
@Suite struct `Read models against the decider's state` {
    private func shop(after history: History) -> Shop {
        var shop = ShopDecider.initial
        for fact in history.batches.flatMap(\.facts) { ShopDecider.evolve(&shop, with: fact) }
        return shop
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `P-14 given a drawn history, when both fold it, then status and every axis are equal`(
        offset: UInt64
    ) async throws {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ 100 &+ offset, steps: 250)
        let shop = shop(after: history)
        let bench = try ShopBench(history, [.orders])
        var after: OrderCursor?
        var states: Set<String> = []
        repeat {
            let page = try await bench.models.orders(limit: 100, after: after).value
            for stored in page.items {
                let order = try #require(shop.order(stored.orderID))
                #expect(stored.axes == order.axes, "\(stored.orderNumber); \(TestSeed.note)")
                states.insert("\(stored.status) \(stored.paymentState)")
            }
            after = page.next
        } while after != nil
        #expect(states.count > 10)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `P-39 given a drawn history, when asked what is due, then both name the same orders`(
        offset: UInt64
    ) async throws {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ 200 &+ offset, steps: 250)
        let shop = shop(after: history)
        let bench = try ShopBench(history, [.orders])
        for seconds in stride(from: 0, through: 400, by: 20) as StrideThrough<Int64> {
            let now = History.dawn.advanced(bySeconds: seconds)
            #expect(
                try await bench.models.ordersDueToExpire(before: now).value
                    == shop.ordersDue(at: now, limit: 100), "\(seconds) s; \(TestSeed.note)")
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func
        `G-7 given a drawn history, when asked what is in flight, then both name the same payments`(
            offset: UInt64
        ) async throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ 300 &+ offset, steps: 200)
        let intents = shop(after: history).pendingIntents.compactMap { intent -> String? in
            switch intent.kind {
            case .charge(let charge): "\(charge.paymentID)"
            case .capture(let capture): "\(capture.paymentID)"
            case .void(let void): "\(void.paymentID)"
            case .refund, .mail: nil
            }
        }
        let bench = try ShopBench(history, [.orders])
        let payments = try await bench.models.paymentsInFlight(olderThan: history.now).value
        #expect(
            Set(payments.map { "\($0.paymentID)" }) == Set(intents), "\(TestSeed.note)")
        #expect(!payments.isEmpty)
    }
}

extension OrderSummary {
    fileprivate var axes: String {
        """
        \(status) \(paymentState) \(fulfilmentState) \(closure) \(captured.minor) \
        \(refunded.minor) \(net.minor) \(payable.minor)
        """
    }
}

extension OrderState {
    fileprivate var axes: String {
        """
        \(status.name) \(paymentState.name) \(fulfilment.name) \(closure.name) \
        \(payment?.capturedMinor ?? 0) \(payment?.refundedMinor ?? 0) \(netMinor) \(payableMinor)
        """
    }
}
