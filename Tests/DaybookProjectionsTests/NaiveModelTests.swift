import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Selectors against the naive model` {
    private let users = (1...4 as ClosedRange<UInt128>).map { UserID(rawValue: 0xA0 + $0) }

    @Test(arguments: [0, 1, 2] as [UInt64])
    func `P-36 given a drawn history, when asked with every limit, then both selectors agree`(
        offset: UInt64
    ) async throws {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ offset, steps: 400)
        let naive = NaiveShop(history)
        let bench = try ShopBench(history, [.orders])
        for user in users {
            for limit in 0...100 {
                let active = try await bench.active(user, limit: limit)
                #expect(
                    active == naive.activeOrders(of: user, limit: limit),
                    "limit \(limit), \(user); \(TestSeed.note)")
                let products = try await bench.models.userRecentlyOrderedProducts(
                    user: user, limit: limit
                ).value
                #expect(
                    products.map(\.naiveText) == naive.recentProducts(of: user, limit: limit),
                    "limit \(limit), \(user); \(TestSeed.note)")
            }
        }
    }

    @Test func `P-36 given a drawn history, when filtered by status, then the counts agree`()
        async throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ 3, steps: 300)
        let naive = NaiveShop(history)
        let bench = try ShopBench(history, [.orders])
        for user in users {
            for statuses in [[.pending], [.paid, .shipped], OrderStatus.allCases] {
                let products = try await bench.models.userRecentlyOrderedProducts(
                    user: user, limit: 3, statuses: statuses
                ).value
                #expect(
                    products.map(\.naiveText)
                        == naive.recentProducts(
                            of: user, limit: 3, statuses: statuses.map(\.rawValue)),
                    "\(statuses), \(user); \(TestSeed.note)")
            }
        }
    }

    @Test(arguments: [0, 1, 2] as [UInt64])
    func
        `P-14 given a drawn history, when statuses are derived from the events, then the stored ones are equal`(
            offset: UInt64
        ) throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value &+ 10 &+ offset, steps: 400)
        let naive = NaiveShop(history).orders.map {
            "\($0.placed.orderNumber) | \($0.status)"
        }
        let stored = try ReadModelName.orders.rows("orders", "order_number status", after: history)
        #expect(
            stored == (["order_number | status"] + naive).joined(separator: "\n"),
            "\(TestSeed.note)")
        #expect(Set(NaiveShop(history).orders.map(\.status)).count >= 7)
    }
}

extension RecentProduct {
    fileprivate var naiveText: String {
        "\(sku) \(lastOrdered) \(timesOrdered) \(orderCount) \(orderedUnits)"
    }
}
