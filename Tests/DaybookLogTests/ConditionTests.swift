import DaybookCore
import DaybookLog
import Testing

/// A log with an order placed (1), another order placed (2), and the first one paid (3).
private func threeEvents(durable: Bool) throws -> OpenedLog {
    let log = try LogDirectory.create(
        storage: SimulatedDisk(), options: smallOptions(), hash: .sha256,
        clock: TestClock().read, newLogID: testLogID, salt: testSalt)
    _ = try log.writer.stage(batch(event(order: 1)))
    _ = try log.writer.stage(batch(event(order: 2)))
    _ = try log.writer.stage(batch(event("OrderPaid", order: 1)))
    if durable, let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
    return log
}

private let firstOrder = OrderID(rawValue: 1).tag
private let secondOrder = OrderID(rawValue: 2).tag

@Suite struct `Append condition` {
    @Test
    func
        `given a condition that was checked by tag, when a batch of several events follows, then the process goes on and the batch counts`()
        throws
    {
        let log = try threeEvents(durable: true)
        let none = AppendCondition.nothingMatches(.tag(OrderID(rawValue: 9).tag), after: .start)
        _ = try log.writer.stage(batch(event(order: 3)), when: none)
        let several = batch(event(order: 9), event("OrderPaid", order: 9), event(order: 8))
        #expect(try log.append(several) == .appended(position(5)...position(7)))
        #expect(
            try log.append(batch(event(order: 9)), when: none)
                == .conflict(firstConflictingPosition: position(5)))
        let eighth = AppendCondition.nothingMatches(.tag(OrderID(rawValue: 8).tag), after: .start)
        #expect(
            try log.append(batch(event(order: 9)), when: eighth)
                == .conflict(firstConflictingPosition: position(7)))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var query: Query
        var after: UInt64?
        /// 0: it is appended.
        var conflict: UInt64
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "tag, any position", query: .tag(firstOrder), after: nil, conflict: 1),
        Row(name: "after is exclusive", query: .tag(firstOrder), after: 1, conflict: 3),
        Row(name: "after the last match", query: .tag(firstOrder), after: 3, conflict: 0),
        Row(name: "after 0 looks at all", query: .tag(secondOrder), after: 0, conflict: 2),
        Row(name: "other tag behind its last", query: .tag(secondOrder), after: 2, conflict: 0),
        Row(name: "unknown tag", query: .tag(OrderID(rawValue: 9).tag), after: nil, conflict: 0),
        Row(name: "everything", query: .all, after: 2, conflict: 3),
        Row(name: "everything at the head", query: .all, after: 3, conflict: 0),
        Row(
            name: "type only", query: .any([QueryItem(types: ["OrderPaid"])]), after: nil,
            conflict: 3),
        Row(
            name: "types are alternatives",
            query: .any([QueryItem(types: ["OrderPaid", "OrderPlaced"])]), after: nil, conflict: 1),
        Row(
            name: "unknown type", query: .any([QueryItem(types: ["OrderLost"])]), after: nil,
            conflict: 0),
        Row(
            name: "type and tag",
            query: .any([QueryItem(types: ["OrderPaid"], tags: [secondOrder])]),
            after: nil, conflict: 0),
        Row(
            name: "tags are all needed",
            query: .any([QueryItem(tags: [firstOrder, secondOrder])]), after: nil, conflict: 0),
        Row(
            name: "two tags of one event",
            query: .any([QueryItem(tags: [Tag(label: "sku", text: "85123A"), secondOrder])]),
            after: nil, conflict: 2),
        Row(
            name: "items are alternatives, the first position counts",
            query: .any([
                QueryItem(types: ["OrderPaid"]), QueryItem(tags: [secondOrder]),
            ]), after: nil, conflict: 2),
    ]

    @Test(arguments: rows, [true, false])
    func
        `given three events, durable or only staged, when a batch is appended under a condition, then the first conflicting position decides`(
            row: Row, durable: Bool
        ) throws
    {
        let log = try threeEvents(durable: durable)
        let result = try log.writer.stage(
            batch(event(order: 5)),
            when: .nothingMatches(row.query, after: row.after.map(position)))
        if row.conflict == 0 {
            #expect(result == .appended(position(4)...position(4)))
            #expect(log.writer.stagedHead == position(4))
        } else {
            #expect(result == .conflict(firstConflictingPosition: position(row.conflict)))
            #expect(log.writer.stagedHead == position(3))
        }
    }

    @Test
    func
        `given a condition beyond the head, when appended, then it is an error and nothing is staged`()
        throws
    {
        let log = try threeEvents(durable: true)
        let error = #expect(throws: EventLogError.self) {
            try log.writer.stage(batch(event()), when: .nothingMatches(.all, after: position(4)))
        }
        #expect(error?.code == .afterBeyondHead)
        #expect(log.writer.stagedHead == position(3))
        #expect(log.writer.closeGroup() == nil)
    }

    @Test
    func `given an empty list of items, when used as condition or query, then it is an error`()
        throws
    {
        let log = try threeEvents(durable: true)
        let condition = #expect(throws: EventLogError.self) {
            try log.writer.stage(batch(event()), when: .nothingMatches(.any([])))
        }
        #expect(condition?.code == .invalidQuery)
        let query = #expect(throws: EventLogError.self) { try log.reader.read(.any([])) }
        #expect(query?.code == .invalidQuery)
    }

    @Test func `given no events, when a batch is staged, then it is refused`() throws {
        let log = try threeEvents(durable: true)
        let error = #expect(throws: EventLogError.self) {
            try log.writer.stage(ProposedBatch(metadata: metadata(), events: []))
        }
        #expect(error?.code == .invalidBatch)
    }

    @Test
    func
        `given an index built before, when events are staged, committed and staged again, then conditions see all of them`()
        throws
    {
        let log = try threeEvents(durable: true)
        let tag = OrderID(rawValue: 77).tag
        let condition = AppendCondition.nothingMatches(.tag(tag))
        #expect(
            try log.writer.stage(batch(event(order: 77)), when: condition)
                == .appended(position(4)...position(4)))
        #expect(
            try log.writer.stage(batch(event(order: 77)), when: condition)
                == .conflict(firstConflictingPosition: position(4)))
        let group = try #require(log.writer.closeGroup())
        #expect(
            try log.writer.stage(batch(event(order: 77)), when: condition)
                == .conflict(firstConflictingPosition: position(4)))
        _ = try log.committer.commit(group)
        #expect(
            try log.writer.stage(batch(event(order: 77)), when: condition)
                == .conflict(firstConflictingPosition: position(4)))
    }

    @Test
    func
        `given an index built before, when a batch of several events is staged, then the process does not trap and conditions see each of them`()
        throws
    {
        let log = try threeEvents(durable: true)
        let unknown = AppendCondition.nothingMatches(.tag(OrderID(rawValue: 99).tag))
        _ = try log.writer.stage(batch(event(order: 50)), when: unknown)
        let several = batch(event(order: 60), event(order: 61), event(order: 62))
        #expect(
            try log.writer.stage(several, when: unknown) == .appended(position(5)...position(7)))
        for (order, place) in [(60, 5), (61, 6), (62, 7)] as [(UInt128, UInt64)] {
            let condition = AppendCondition.nothingMatches(.tag(OrderID(rawValue: order).tag))
            #expect(
                try log.writer.stage(batch(event(order: 70)), when: condition)
                    == .conflict(firstConflictingPosition: position(place)))
        }
    }

    @Test
    func
        `given random events, when queried by index, then the result is what a scan of all events says`()
        throws
    {
        var generator = SeededGenerator(seed: testSeed("Queries"))
        let log = try LogDirectory.create(
            storage: SimulatedDisk(), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        let types: [EventType] = ["A", "B", "C"]
        func randomTags() -> [DaybookCore.Tag] {
            (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Tag(label: "t", text: String(Int.random(in: 0...5, using: &generator)))
            }
        }
        for _ in 0..<300 {
            let type = types[Int.random(in: 0...2, using: &generator)]
            try log.append(batch(ProposedEvent(type: type, tags: randomTags(), payload: [])))
        }
        let all = try log.reader.read(.all)
        for _ in 0..<200 {
            let items = (0...Int.random(in: 0...2, using: &generator)).map { _ in
                QueryItem(
                    types: types.filter { _ in Bool.random(using: &generator) }, tags: randomTags())
            }
            let query = Query.any(items)
            let from = UInt64.random(in: 1...300, using: &generator)
            let through = UInt64.random(in: from...320, using: &generator)
            let expected = all.filter {
                query.matches(type: $0.type, tags: $0.tags)
                    && (from...through).contains($0.position.rawValue)
            }
            let found = try log.reader.read(query, from: position(from), through: position(through))
            #expect(found == expected)
            let last = try log.reader.read(
                query, from: position(from), through: position(through), direction: .backwards,
                limit: 3)
            #expect(last == Array(expected.reversed().prefix(3)))
        }
    }
}
