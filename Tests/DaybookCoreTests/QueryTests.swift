import DaybookCore
import Testing

@Suite struct `Query matching` {
    private let order = OrderID(rawValue: 1).tag
    private let sku = EventTag(label: "sku", text: "85123A")
    private let other = EventTag(label: "sku", text: "71053")

    @Test func `given all, when matched, then every event is meant`() {
        #expect(Query.all.matches(type: "OrderPlaced", tags: []))
    }

    @Test func `given no items, when matched, then no event is meant`() {
        #expect(!Query.any([]).matches(type: "OrderPlaced", tags: [order]))
    }

    @Test func `given an item without types and tags, when matched, then every event is meant`() {
        #expect(Query.any([QueryItem()]).matches(type: "OrderPlaced", tags: []))
    }

    @Test func `given several types, when matched, then one of them is enough`() {
        let query = Query.any([QueryItem(types: ["OrderPlaced", "OrderCancelled"])])
        #expect(query.matches(type: "OrderPlaced", tags: []))
        #expect(query.matches(type: "OrderCancelled", tags: [sku]))
        #expect(!query.matches(type: "OrderExpired", tags: []))
        #expect(!query.matches(type: "orderPlaced", tags: []))
    }

    @Test func `given several tags, when matched, then all of them are needed`() {
        let query = Query.any([QueryItem(tags: [order, sku])])
        #expect(query.matches(type: "StockReserved", tags: [sku, other, order]))
        #expect(!query.matches(type: "StockReserved", tags: [order]))
        #expect(!query.matches(type: "StockReserved", tags: [order, other]))
        #expect(!query.matches(type: "StockReserved", tags: []))
    }

    @Test func `given types and tags, when matched, then both must fit`() {
        let query = Query.any([QueryItem(types: ["StockReserved"], tags: [sku])])
        #expect(query.matches(type: "StockReserved", tags: [sku]))
        #expect(!query.matches(type: "StockReserved", tags: [other]))
        #expect(!query.matches(type: "StockShipped", tags: [sku]))
    }

    @Test func `given several items, when matched, then one of them is enough`() {
        let query = Query.any([
            QueryItem(types: ["StockReserved"], tags: [sku]), QueryItem(tags: [order]),
        ])
        #expect(query.matches(type: "StockReserved", tags: [sku]))
        #expect(query.matches(type: "OrderPlaced", tags: [order]))
        #expect(!query.matches(type: "OrderPlaced", tags: [sku]))
    }

    @Test func `given a tag, when it is the query, then events with the tag are meant`() {
        #expect(Query.tag(order) == .any([QueryItem(tags: [order])]))
    }

    @Test func `given a condition in words, when made, then it holds query and position`() {
        let condition = AppendCondition.nothingMatches(.tag(order), after: LogPosition(rawValue: 4))
        #expect(
            condition
                == AppendCondition(
                    failIfEventsMatch: .tag(order), after: LogPosition(rawValue: 4)))
        #expect(AppendCondition.nothingMatches(.all).after == nil)
    }
}

@Suite struct `Log position` {
    @Test func `given the start, when advanced, then positions count from one`() {
        #expect(LogPosition.start.advanced(by: 1) == LogPosition(rawValue: 1))
        #expect(LogPosition(rawValue: 9) < LogPosition(rawValue: 10))
        #expect(LogPosition(rawValue: 10).description == "10")
    }
}
