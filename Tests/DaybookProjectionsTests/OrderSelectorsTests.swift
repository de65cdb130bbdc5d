import DaybookCore
import DaybookDecisions
import DaybookProjections
import Foundation
import Testing

@Suite struct `Order selectors` {
    @Test func `S-117 given a person, when the dashboard is asked for, then it has both keys`()
        async throws
    {
        var history = History()
        for number in 1...12 as ClosedRange<UInt64> {
            history.record(.placed(number, [Want(Cast.sku("SKU-\(number)"), 1)]))
        }
        let bench = try ShopBench(history, [.orders])
        let answer = try await bench.models.dashboard(user: Cast.ada)
        #expect(
            answer.value.orders.map(\.summary.orderNumber) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
        #expect(
            answer.value.recentProducts.map(\.sku) == [
                "SKU-12", "SKU-11", "SKU-10", "SKU-9", "SKU-8",
            ])
        #expect(answer.position == LogPosition(rawValue: 12))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(answer.value))
        let keys = (object as? [String: Any])?.keys.sorted()
        #expect(keys == ["orders", "recent_products"])
    }

    @Test func `given an order, when asked for by id or number, then all that belongs to it comes`()
        async throws
    {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 2)]), .paymentRequested(1, 1_998))
        history.record(.captured(1, 1_998))
        history.record(.dispatched(1, 1, [(1, 2)]))
        history.record(.returnRequested(1, 1, [(1, 1)]))
        history.record(.refundRequested(1, 1, 999))
        history.record(.placed(2, [Want(Cast.book, 1)]))
        let bench = try ShopBench(history, [.orders])
        let byID = try await bench.models.order(orderID: Cast.order(1))
        let byNumber = try await bench.models.order(orderNumber: 1)
        #expect(byID == byNumber)
        let detail = byID.value
        #expect(detail.order.summary.status == "shipped")
        #expect(detail.order.summary.paymentReference == "ch-1")
        #expect(detail.order.summary.paymentID == Cast.payment(1))
        #expect(detail.order.lines.map(\.shipped) == [2])
        #expect(detail.payments.map(\.state) == ["captured"])
        #expect(detail.payments.map(\.captured.text) == ["19.98"])
        #expect(detail.refunds.map(\.state) == ["requested"])
        #expect(detail.shipments.map(\.lines) == [[[1, 2]]])
        #expect(detail.returns.map(\.lines) == [[[1, 1]]])
        let back = try JSONDecoder().decode(OrderDetail.self, from: JSONEncoder().encode(detail))
        #expect(back == detail)
    }

    @Test
    func `given another's order, when asked for, then it is answered like one that is not there`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let bench = try ShopBench(history, [.orders])
        let models = bench.models
        #expect(
            try await models.order(orderID: Cast.order(1), viewer: Cast.ada).value.order.summary
                .orderNumber == 1)
        let foreign = await #expect(throws: SelectorError.self) {
            try await models.order(orderID: Cast.order(1), viewer: Cast.bob)
        }
        let absent = await #expect(throws: SelectorError.self) {
            try await models.order(orderID: Cast.order(9), viewer: Cast.bob)
        }
        #expect(foreign?.code == .orderNotFound)
        #expect(absent?.code == .orderNotFound)
        #expect(foreign?.message == "there is no order \(Cast.order(1))")
        #expect(absent?.message == "there is no order \(Cast.order(9))")
        await #expect(throws: SelectorError.self) { try await models.order(orderNumber: 9) }
    }

    @Test
    func `given more orders than a page holds, when paged, then each comes once, newest first`()
        async throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 200)
        let bench = try ShopBench(history, [.orders])
        let everything = try await bench.models.orders(limit: 100).value
        #expect(everything.items.count > 20)
        var after: OrderCursor?
        var paged: [UInt64] = []
        repeat {
            let page = try await bench.models.orders(limit: 7, after: after).value
            #expect(page.items.count <= 7)
            paged += page.items.map(\.orderNumber)
            after = try page.next.map { try OrderCursor.reading($0.description) }
        } while after != nil
        #expect(paged == everything.items.map(\.orderNumber), "\(TestSeed.note)")

        let user = everything.items[0].userID
        let mine = everything.items.filter { $0.userID == user }.map(\.orderNumber)
        var own: [UInt64] = []
        repeat {
            let page = try await bench.models.userOrders(user: user, limit: 2, after: after).value
            own += page.items.map(\.summary.orderNumber)
            after = page.next
        } while after != nil
        #expect(own == mine, "\(TestSeed.note)")
    }

    @Test func `given a page that is exactly full, when there is no more, then there is no cursor`()
        async throws
    {
        let bench = try ShopBench(.everyStatus, [.orders])
        let page = try await bench.models.userOrders(user: Cast.ada, limit: 8).value
        #expect(page.items.count == 8)
        #expect(page.next == nil)
        let short = try await bench.models.userOrders(user: Cast.ada, limit: 7).value
        #expect(short.next == short.items.last?.summary.cursor)
    }

    @Test func `given statuses, when orders are listed, then only those come`() async throws {
        let bench = try ShopBench(.everyStatus, [.orders])
        let some = try await bench.models.userOrders(
            user: Cast.ada, statuses: [.cancelled, .paid]
        ).value
        #expect(some.items.map(\.summary.status) == ["cancelled", "paid"])
        #expect(try await bench.models.orders(statuses: []).value.items.isEmpty)
        #expect(
            try await bench.models.userOrders(user: Cast.bob).value == Page(items: [], next: nil))
    }

    @Test(arguments: ["", "x", "12", "12~", "12~usr_00000000000000000000000051", "~"])
    func `given a text that is no cursor, when read, then it is refused`(text: String) {
        let error = #expect(throws: SelectorError.self) { try OrderCursor.reading(text) }
        #expect(error?.code == .invalidCursor)
    }

    @Test
    func `G-10 given deadlines, when asked what is due, then nothing whose money may still come`()
        async throws
    {
        var history = History()
        func place(
            _ number: UInt64, _ capture: CaptureMode, _ events: [Event], after seconds: Int64 = 100
        ) {
            let deadline = History.dawn.advanced(bySeconds: seconds)
            history.record(
                [
                    .placed(number, [Want(Cast.book, 1)], expiresAt: deadline, capture: capture),
                    .paymentRequested(number, 999, capture: capture),
                ] + events, advancing: 0)
        }
        place(1, .automatic, [])
        place(2, .automatic, [.outcomeUnknown(2)])
        place(3, .manual, [.authorized(3, 999)])
        place(4, .automatic, [.declined(4)])
        place(5, .automatic, [.captured(5, 999)])
        place(6, .manual, [.authorized(6, 999), .captureRequested(6, 999)])
        place(7, .manual, [.authorized(7, 999)], after: 50)
        place(8, .manual, [.authorized(8, 999)], after: 101)
        place(9, .manual, [.authorized(9, 999), .cancelled(9)])
        place(10, .automatic, [.authorized(10, 999)])
        place(11, .manual, [.authorized(11, 999), .mismatch(11, 999, got: 998)])
        let bench = try ShopBench(history, [.orders])
        let deadline = History.dawn.advanced(bySeconds: 100)
        #expect(
            try await bench.models.ordersDueToExpire(before: deadline).value
                == [Cast.order(7), Cast.order(3)])
        #expect(
            try await bench.models.ordersDueToExpire(before: deadline, limit: 1).value
                == [Cast.order(7)])
        #expect(try await bench.models.ordersDueToExpire(before: History.dawn).value == [])
    }

    @Test func `given calls without outcome, when asked for, then the longest waiting comes first`()
        async throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(Event.bookSold(2))
        history.record(Event.bookSold(3))
        history.record(.outcomeUnknown(2))
        history.record(.captured(1, 999))
        history.record(.authorized(3, 999))
        history.record(.captureRequested(3, 999))
        let bench = try ShopBench(history, [.orders])
        let all = try await bench.models.paymentsInFlight(olderThan: history.now).value
        #expect(
            all.map { "\($0.paymentID) \($0.orderID) \($0.call) \($0.since) \($0.state)" } == [
                "\(Cast.payment(2)) \(Cast.order(2)) charge 2026-01-01T00:00:01Z unknown",
                "\(Cast.payment(3)) \(Cast.order(3)) capture 2026-01-01T00:00:06Z authorized",
            ])
        let old = try await bench.models.paymentsInFlight(
            olderThan: History.dawn.advanced(bySeconds: 1)
        ).value
        #expect(old.map(\.paymentID) == [Cast.payment(2)])
    }
}
