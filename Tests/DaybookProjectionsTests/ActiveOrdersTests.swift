import DaybookCore
import DaybookDecisions
import DaybookProjections
import Foundation
import Testing

@Suite struct `User active orders` {
    @Test func `S-100 given eleven orders, when asked without a limit, then ten come`() async throws
    {
        var history = History()
        for number in 1...11 as ClosedRange<UInt64> { history.record(Event.bookSold(number)) }
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.active() == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
        #expect(
            try await bench.models.userActiveOrders(user: Cast.ada).value.count == 10)
    }

    @Test func `S-101 given orders of two people, when one is asked for, then only theirs come`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1, to: Cast.ada))
        history.record(Event.bookSold(2, to: Cast.bob))
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.active(Cast.ada) == [1])
        #expect(try await bench.active(Cast.bob) == [2])
    }

    @Test
    func `S-102 D-21 G-18 given one order of every status, when asked, then only the three come`()
        async throws
    {
        let bench = try ShopBench(.everyStatus, [.orders])
        let all = try await bench.models.orders(limit: 100).value.items
        #expect(
            all.reversed().map(\.status) == [
                "pending", "paid", "payment_failed", "processing", "shipped", "returned",
                "cancelled", "expired",
            ])
        let orders = try await bench.models.userActiveOrders(user: Cast.ada).value
        #expect(orders.map(\.summary.status) == ["shipped", "processing", "pending"])
        #expect(orders.allSatisfy { $0.summary.orderStatus?.isActive == true })
    }

    @Test
    func
        `S-103 D-53 given an order with address, when asked, then address, lines and products come`()
        async throws
    {
        var history = History()
        let address = Sealed(box: [1, 2, 254], keyVersion: 7)
        history.record(.added(Cast.book, 999))
        history.record(
            .placed(1, [Want(Cast.book, 7), Want(Cast.lamp, 1, at: 5)], address: address))
        history.record(.productRenamed(ProductRenamed(sku: Cast.book, name: "Renamed")))
        let bench = try ShopBench(history)
        let order = try #require(
            try await bench.models.userActiveOrders(user: Cast.ada).value.first)
        #expect(order.summary.shippingAddress?.value == address)
        #expect(order.summary.shippingAddress?.sealed == "0102fe")
        #expect(order.lines.map(\.sku) == ["BOOK", "LAMP"])
        #expect(order.lines.map(\.name) == ["The BOOK", "The LAMP"])
        #expect(order.lines.map(\.unitPrice.text) == ["9.99", "0.05"])
    }

    @Test
    func `S-104 D-31 given lines of seven and one, when asked, then two items and eight units`()
        async throws
    {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 7), Want(Cast.lamp, 1)]))
        let bench = try ShopBench(history, [.orders])
        let order = try #require(
            try await bench.models.userActiveOrders(user: Cast.ada).value.first)
        #expect(order.summary.itemCount == 2)
        #expect(order.summary.unitCount == 8)
    }

    @Test
    func `S-105 D-26 G-18 given an order of 9.99, when asked, then the total with tax is exact`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let bench = try ShopBench(history, [.orders])
        let order = try #require(
            try await bench.models.userActiveOrders(user: Cast.ada).value.first
        ).summary
        #expect(order.totalWithTax.numerator == 10_989)
        #expect(order.totalWithTax.denominator == 10)
        #expect(order.totalWithTax.text == "10.989")
        #expect(order.payable == Amount(Cast.pounds(999)))
    }

    @Test
    func `D-26 given tax at ten per cent, when asked, then shown and charged amounts are equal`()
        async throws
    {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 1, at: 1_000)], taxOf: 1_000))
        let bench = try ShopBench(history, [.orders])
        let order = try #require(
            try await bench.models.userActiveOrders(user: Cast.ada).value.first
        ).summary
        #expect(order.net.text == "10.00")
        #expect(order.tax.text == "1.00")
        #expect(order.payable.text == "11.00")
        #expect(order.totalWithTax.text == "11.000")
    }

    @Test func `S-106 given two orders, when listed, then the newest comes first`() async throws {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(Event.bookSold(2))
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.active() == [2, 1])
    }

    @Test func `D-29 given orders of the same moment, when listed, then the higher id comes first`()
        async throws
    {
        var history = History()
        let ids = [3, 1, 2] as [UInt128]
        for (index, id) in ids.enumerated() {
            history.record(
                .placed(
                    UInt64(index) + 1, [Want(Cast.book, 1)], id: OrderID(rawValue: id << 100)),
                advancing: 0)
        }
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.active() == [1, 3, 2])
    }

    @Test
    func `D-29 given orders of one moment, when the answer ends among them, then by their ids`()
        async throws
    {
        var history = History()
        // One order before, three at once, one behind.
        for (index, id) in ([9, 3, 1, 2, 8] as [UInt128]).enumerated() {
            history.record(
                .placed(
                    UInt64(index) + 1, [Want(Cast.book, 1)], id: OrderID(rawValue: id << 100)),
                advancing: index == 1 || index == 2 ? 0 : 1)
        }
        let bench = try ShopBench(history, [.orders])
        let all: [UInt64] = [5, 2, 4, 3, 1]
        for limit in 1...6 {
            #expect(try await bench.active(limit: limit) == Array(all.prefix(limit)))
        }
    }

    @Test func `S-107 D-30 given orders, when the limit is 0, 1, 10, 11, 100, then so many come`()
        async throws
    {
        var history = History()
        for number in 1...12 as ClosedRange<UInt64> { history.record(Event.bookSold(number)) }
        let bench = try ShopBench(history, [.orders])
        #expect(try await bench.active(limit: 0) == [])
        #expect(try await bench.active(limit: 1) == [12])
        #expect(try await bench.active(limit: 10) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
        #expect(try await bench.active(limit: 11).count == 11)
        #expect(try await bench.active(limit: 100).count == 12)
    }

    @Test(arguments: [-1, 101, Int.min, Int.max])
    func `S-107 D-30 given a limit outside 0 to 100, when asked, then it is refused`(limit: Int)
        async throws
    {
        let bench = try ShopBench(History(), [.orders, .inventory, .users])
        let models = bench.models
        let questions: [() async throws -> Void] = [
            { _ = try await models.userActiveOrders(user: Cast.ada, limit: limit) },
            { _ = try await models.userRecentlyOrderedProducts(user: Cast.ada, limit: limit) },
            { _ = try await models.userOrders(user: Cast.ada, limit: limit) },
            { _ = try await models.orders(limit: limit) },
            { _ = try await models.ordersDueToExpire(before: History.dawn, limit: limit) },
            { _ = try await models.paymentsInFlight(olderThan: History.dawn, limit: limit) },
            { _ = try await models.products(limit: limit) },
            { _ = try await models.users(limit: limit) },
            { _ = try await models.mails(limit: limit) },
        ]
        for question in questions {
            let error = await #expect(throws: SelectorError.self) { try await question() }
            #expect(error?.code == .invalidLimit)
            #expect(error?.message == "limit \(limit) is not in 0 ... 100")
        }
    }

    @Test func `S-108 given many orders, when listed, then two statements were executed`()
        async throws
    {
        var history = History()
        for number in 1...30 as ClosedRange<UInt64> { history.record(Event.bookSold(number)) }
        let bench = try ShopBench(history, [.orders])
        let before = bench.models.statementCount
        let orders = try await bench.models.userActiveOrders(user: Cast.ada, limit: 30).value
        #expect(orders.map(\.lines.count).reduce(0, +) == 30)
        #expect(bench.models.statementCount - before == 2)
    }

    @Test func `S-109 given an answer, when more is ordered, then the answer stays as it was`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let bench = try ShopBench(history, [.orders])
        let answer = try await bench.models.userActiveOrders(user: Cast.ada)
        let path = bench.folder.file("orders.sqlite")
        let projector = try OrdersProjector(file: ReadModelFile.open(.orders, at: path))
        history.record(Event.bookSold(2))
        try projector.deliver(history)
        #expect(answer.value.map(\.summary.orderNumber) == [1])
        #expect(answer.position == LogPosition(rawValue: 2))
        #expect(try await bench.active() == [2, 1])
        try projector.close()
    }

    @Test func `S-118 given any question, when answered, then the files are as before`()
        async throws
    {
        let bench = try ShopBench(.everyStatus)
        let before = ReadModelName.allCases.map {
            RawFile.bytes(of: bench.folder.file($0.fileName))
        }
        _ = try await bench.models.dashboard(user: Cast.ada)
        _ = try await bench.models.order(orderNumber: 1)
        _ = try await bench.models.products()
        _ = try await bench.models.mails()
        let after = ReadModelName.allCases.map { RawFile.bytes(of: bench.folder.file($0.fileName)) }
        #expect(before == after)
    }

    @Test func `given an order, when written as JSON, then the names are those of the wire`()
        async throws
    {
        var history = History()
        history.record(
            .placed(1, [Want(Cast.book, 2)], expiresAt: History.dawn.advanced(bySeconds: 60)))
        let bench = try ShopBench(history, [.orders])
        let answer = try await bench.models.userActiveOrders(user: Cast.ada)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(answer), as: UTF8.self)
        #expect(
            text == """
                {"position":1,"value":[{"captured":{"currency":"GBP","minor":0,"text":"0.00"},\
                "closure":"open","created_at":"2026-01-01T00:00:00Z",\
                "expires_at":"2026-01-01T00:01:00Z","fulfilment_state":"unfulfilled",\
                "item_count":1,"last_position":1,"lines":[{"line_number":1,"name":"The BOOK",\
                "net":{"currency":"GBP","minor":1998,"text":"19.98"},"price_overridden":false,\
                "quantity":2,"returned":0,"shipped":0,"sku":"BOOK",\
                "tax":{"currency":"GBP","minor":0,"text":"0.00"},\
                "unit_price":{"currency":"GBP","minor":999,"text":"9.99"}}],\
                "net":{"currency":"GBP","minor":1998,"text":"19.98"},\
                "order_id":"ord_00000000000000000000000401","order_number":1,"origin":"shop",\
                "payable":{"currency":"GBP","minor":1998,"text":"19.98"},"payment_state":"none",\
                "refunded":{"currency":"GBP","minor":0,"text":"0.00"},"status":"pending",\
                "tax":{"currency":"GBP","minor":0,"text":"0.00"},\
                "total_with_tax":{"currency":"GBP","denominator":10,"numerator":21978,\
                "text":"21.978"},"unit_count":2,"updated_at":"2026-01-01T00:00:00Z",\
                "user_id":"usr_00000000000000000000000051"}]}
                """)
        let back = try JSONDecoder().decode(Answer<[OrderView]>.self, from: encoder.encode(answer))
        #expect(back == answer)
    }
}
