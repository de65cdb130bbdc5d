import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `User recently ordered products` {
    @Test
    func `S-110 S-115 given six products, when asked without a limit, then the latest five come`()
        async throws
    {
        var history = History()
        for number in 1...6 as ClosedRange<UInt64> {
            history.record(.placed(number, [Want(Cast.sku("SKU-\(number)"), 1)]))
        }
        let bench = try ShopBench(history, [.orders])
        #expect(
            try await bench.recent() == [
                "SKU-6 1 1 1", "SKU-5 1 1 1", "SKU-4 1 1 1", "SKU-3 1 1 1", "SKU-2 1 1 1",
            ])
    }

    @Test func `S-111 D-28 given orders of every status, when asked, then all of them count`()
        async throws
    {
        let bench = try ShopBench(.everyStatus, [.orders])
        #expect(try await bench.recent() == ["BOOK 8 8 8"])
    }

    @Test func `D-28 given orders of every status, when some are asked for, then only those count`()
        async throws
    {
        let bench = try ShopBench(.everyStatus, [.orders])
        #expect(try await bench.recent(statuses: [.paid, .shipped, .returned]) == ["BOOK 3 3 3"])
        #expect(try await bench.recent(statuses: [.delivered]) == [])
        #expect(try await bench.recent(statuses: []) == [])
        #expect(try await bench.recent(statuses: OrderStatus.allCases) == ["BOOK 8 8 8"])
    }

    @Test
    func
        `S-112 S-114 G-19 given A on two lines and declined once, then A comes once, ordered three times`()
        async throws
    {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 2), Want(Cast.book, 3)]))
        history.record(Event.bookSold(2))
        history.record(.declined(2))
        history.record(.placed(3, by: Cast.bob, [Want(Cast.book, 9)]))
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.recent() == ["BOOK 3 2 6"])
    }

    @Test func `S-113 given a later order of another person, when asked, then it does not count`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(Event.bookSold(2, to: Cast.bob))
        let bench = try ShopBench(history, [.orders])
        let products = try await bench.models.userRecentlyOrderedProducts(user: Cast.ada).value
        #expect(products.map(\.lastOrdered.description) == ["2026-01-01T00:00:00Z"])
    }

    @Test
    func
        `S-115 D-29 given products of the same moment, when asked, then the higher SKU comes first`()
        async throws
    {
        var history = History()
        history.record(
            .placed(1, [Want(Cast.lamp, 1), Want(Cast.book, 1), Want(Cast.post, 1)]))
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.recent() == ["POST 1 1 1", "LAMP 1 1 1", "BOOK 1 1 1"])
        #expect(try await bench.recent(limit: 1) == ["POST 1 1 1"])
        #expect(
            try await bench.recent(limit: 2, statuses: [.pending])
                == ["POST 1 1 1", "LAMP 1 1 1"])
    }

    @Test(arguments: [nil, [OrderStatus.pending]])
    func `S-116 given many products, when asked, then one statement was executed`(
        statuses: [OrderStatus]?
    ) async throws {
        var history = History()
        for number in 1...20 as ClosedRange<UInt64> {
            history.record(.placed(number, [Want(Cast.sku("SKU-\(number)"), 1)]))
        }
        let bench = try ShopBench(history, [.orders])
        let before = bench.models.statementCount
        let answer = try await bench.models.userRecentlyOrderedProducts(
            user: Cast.ada, limit: 20, statuses: statuses)
        #expect(answer.value.count == 20)
        #expect(answer.position == LogPosition(rawValue: 20))
        #expect(bench.models.statementCount - before == 1)
    }

    @Test func `given nobody's orders, when asked, then nothing comes, with a position`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let bench = try ShopBench(history, [.orders])
        let answer = try await bench.models.userRecentlyOrderedProducts(user: Cast.bob)
        #expect(answer == Answer(value: [], position: LogPosition(rawValue: 2)))
        #expect(try await bench.recent(limit: 0) == [])
    }

    @Test func `given a renamed product, when ordered again, then the latest name shows`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let renamed = History.renamed(.placed(2, [Want(Cast.book, 1)]), to: "Second edition")
        history.record(renamed)
        let bench = try ShopBench(history, [.orders])
        let plain = try await bench.models.userRecentlyOrderedProducts(user: Cast.ada).value
        let filtered = try await bench.models.userRecentlyOrderedProducts(
            user: Cast.ada, statuses: [.pending]
        ).value
        #expect(plain.map(\.name) == ["Second edition"])
        #expect(filtered == plain)
    }
}

extension History {
    /// The same placement with another name on all its lines.
    fileprivate static func renamed(_ event: Event, to name: String) -> Event {
        guard case .orderPlaced(var placed) = event else { return event }
        for line in placed.lines.indices { placed.lines[line].name = name }
        return .orderPlaced(placed)
    }
}
