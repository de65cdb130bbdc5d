import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Inventory and user selectors` {
    @Test func `given stock in two places, when asked, then one place and the sum are told`()
        async throws
    {
        var history = History()
        history.record(.added(Cast.book), .received(Cast.book, 10))
        history.record(.received(Cast.book, 5, at: Cast.depot))
        history.record(.reserved(1, [Want(Cast.book, 3)]))
        history.record(.added(Cast.lamp, 2_050))
        let bench = try ShopBench(history, [.inventory])
        let all = try await bench.models.availability(sku: Cast.book)
        #expect(all.value.onHand == 15)
        #expect(all.value.reserved == 3)
        #expect(all.value.available == 12)
        #expect(all.value.location == nil)
        #expect(all.position == LogPosition(rawValue: 5))
        let main = try await bench.models.availability(sku: Cast.book, location: .main).value
        #expect([main.onHand, main.reserved, main.available] == [10, 3, 7])
        let none = try await bench.models.availability(sku: Cast.lamp).value
        #expect([none.onHand, none.reserved, none.available] == [0, 0, 0])
    }

    @Test func `S-001 given a product, when asked for, then price and state come`() async throws {
        var history = History()
        history.record(.added(Cast.book, 999))
        history.record(.productDiscontinued(ProductDiscontinued(sku: Cast.book)))
        let bench = try ShopBench(history, [.inventory])
        let product = try await bench.models.product(sku: Cast.book).value
        #expect(product.sku == "BOOK")
        #expect(product.price.text == "9.99")
        #expect(!product.onSale)
        #expect(product.stocked)
    }

    @Test func `given no such product, when asked for, then it is not found`() async throws {
        let bench = try ShopBench(History(), [.inventory])
        let models = bench.models
        let one = await #expect(throws: SelectorError.self) {
            try await models.product(sku: Cast.book)
        }
        #expect(one?.code == .productNotFound)
        let two = await #expect(throws: SelectorError.self) {
            try await models.availability(sku: Cast.book)
        }
        #expect(two?.code == .productNotFound)
    }

    @Test func `given products, when paged, then they come by SKU`() async throws {
        var history = History()
        for sku in [Cast.lamp, Cast.post, Cast.book] { history.record(.added(sku)) }
        let bench = try ShopBench(history, [.inventory])
        #expect(
            try await bench.models.products(limit: 2).value.map(\.sku) == ["BOOK", "LAMP"])
        #expect(
            try await bench.models.products(limit: 2, after: Cast.lamp).value.map(\.sku) == ["POST"]
        )
    }

    @Test func `S-005 given an account, when asked for, then its two flags come apart`()
        async throws
    {
        var history = History()
        history.record(
            .registered(Cast.ada, digest: 1),
            .issued(1, to: Cast.ada, digest: 1, expiresAt: History.dawn))
        history.record(.registered(Cast.bob, digest: 2))
        history.record(.verified(Cast.ada, by: 1))
        let bench = try ShopBench(history, [.users])
        let ada = try await bench.models.user(id: Cast.ada).value
        #expect(ada.isActive)
        #expect(ada.accountState == "enabled")
        #expect(ada.emailVerifiedAt?.description == "2026-01-01T00:00:02Z")
        let bob = try await bench.models.user(id: Cast.bob).value
        #expect(!bob.isActive)
        #expect(bob.emailVerifiedAt == nil)
        #expect(
            try await bench.models.users(limit: 1).value.map(\.userID) == [Cast.ada])
        #expect(
            try await bench.models.users(after: Cast.ada).value.map(\.userID) == [Cast.bob])
        let models = bench.models
        let error = await #expect(throws: SelectorError.self) {
            try await models.user(id: UserID(rawValue: 1))
        }
        #expect(error?.code == .userNotFound)
    }

    @Test func `given mails, when listed, then the latest comes first, of one person or of all`()
        async throws
    {
        var history = History()
        history.record(.mailRequested(1, to: Cast.ada, order: 1))
        history.record(.mailRequested(2, to: Cast.bob, order: 2))
        history.record(.mailRequested(3, to: Cast.ada, order: 3), advancing: 0)
        let bench = try ShopBench(history, [.users])
        #expect(
            try await bench.models.mails().value.map(\.mailID)
                == [Cast.mail(3), Cast.mail(2), Cast.mail(1)])
        let ada = try await bench.models.mails(user: Cast.ada).value
        #expect(ada.map(\.mailID) == [Cast.mail(3), Cast.mail(1)])
        #expect(ada.map(\.cause) == [Cast.order(3).description, Cast.order(1).description])
    }
}
