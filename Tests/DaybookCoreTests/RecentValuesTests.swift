import Testing

@testable import DaybookCore

@Suite struct `Recent values` {
    @Test
    func
        `given more values than the limit, when each was set once, then the newest are there and no more than that`()
    {
        var values = RecentValues<Int, String>(limit: 10)
        for key in 1...1_000 {
            values.set("\(key)", for: key)
            #expect(values.newer.count + values.older.count <= 10)
            // At least half of the limit, counted back from the newest.
            for recent in max(1, key - 4)...key {
                #expect(values.newer[recent] ?? values.older[recent] == "\(recent)")
            }
        }
        #expect(values.use(1) == nil)
    }

    @Test
    func `given one that is used again and again, when all others change, then it stays`() {
        var values = RecentValues<Int, Int>(limit: 4)
        values.set(7, for: 0)
        for key in 1...100 {
            values.set(key, for: key)
            #expect(values.use(0) == 7)
        }
        #expect(values.newer.count + values.older.count <= 4)
    }

    @Test
    func
        `given a value in the older half, when it is replaced or removed, then the old one is nowhere`()
    {
        var values = RecentValues<Int, Int>(limit: 4)
        for key in 1...3 { values.set(key, for: key) }
        #expect(values.older[1] == 1, "the first two were put aside by the third")
        values.set(10, for: 1)
        #expect(values.use(1) == 10)
        values.remove(2)
        #expect(values.older[2] == nil && values.use(2) == nil)
        values.remove(1)
        #expect(values.use(1) == nil)
        #expect(values.newer.count + values.older.count == 1)
    }
}
