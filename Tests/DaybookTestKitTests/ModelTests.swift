import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookTestKit
import Foundation
import Synchronization
import Testing

/// Looks for a conflict, lets others go first, and appends: the classic mistake.
private final class RacyStore: EventStore {
    private let store = MemoryEventStore()

    var head: LogPosition { store.head }

    func append(_ batch: ProposedBatch, when condition: AppendCondition?) async throws
        -> AppendResult
    {
        if let condition {
            let events = store.read(
                .all, from: nil, through: nil, direction: .forwards, limit: nil)
            if let conflict = MemoryEventStore.firstConflict(condition, in: events) {
                return .conflict(firstConflictingPosition: conflict)
            }
        }
        return try await store.append(batch, when: nil)
    }

    func read(
        _ query: Query, from: LogPosition?, through: LogPosition?, direction: ReadDirection,
        limit: Int?
    ) -> [RecordedEvent] {
        store.read(query, from: from, through: through, direction: direction, limit: limit)
    }
}

private func operation(
    _ client: Int, _ write: Int?, reads output: Int?, _ called: Int, _ returned: Int
) -> ConcurrentCall<Int?, Int?> {
    ConcurrentCall(
        client: client, input: write, output: .some(output), called: called, returned: returned)
}

@Suite struct `Model tests` {
    private let options = PropertyOptions(cases: 150, seed: 3, corpus: nil)

    /// A register: an input is written, no input reads.
    private func order(_ operations: [ConcurrentCall<Int?, Int?>]) -> [Int]? {
        LinearizabilityCheck(operations, initial: 0) { state, input, output -> Int? in
            if let input { return input }
            guard let read = output else { return state }
            return read == state ? state : nil
        }.order()
    }

    @Test func `given a read during a write, then it may see the value before or after`() {
        let write = operation(0, 5, reads: nil, 1, 4)
        #expect(order([write, operation(1, nil, reads: 0, 2, 3)]) == [1, 0])
        #expect(order([write, operation(1, nil, reads: 5, 2, 3)]) == [0, 1])
        #expect(order([write, operation(1, nil, reads: 7, 2, 3)]) == nil)
    }

    @Test func `given a read after a write, then it must see what was written`() {
        let write = operation(0, 5, reads: nil, 1, 2)
        #expect(order([write, operation(1, nil, reads: 0, 3, 4)]) == nil)
        #expect(order([write, operation(1, nil, reads: 5, 3, 4)]) == [0, 1])
    }

    @Test func `given a new value was seen, then nobody sees the old one later`() {
        let write = operation(0, 5, reads: nil, 1, 10)
        let new = operation(1, nil, reads: 5, 2, 3)
        #expect(order([write, new, operation(2, nil, reads: 0, 4, 5)]) == nil)
        #expect(order([write, new, operation(2, nil, reads: 5, 4, 5)]) == [0, 1, 2])
    }

    @Test func `given a write without an answer, then it may have happened or not`() {
        let write = ConcurrentCall<Int?, Int?>(
            client: 0, input: 5, output: nil, called: 1, returned: 2)
        #expect(order([write, operation(1, nil, reads: 0, 3, 4)]) == [1])
        #expect(order([write, operation(1, nil, reads: 5, 5, 6)]) == [0, 1])
    }

    @Test func `given the store in memory, then concurrent appends look as if one after another`()
        throws
    {
        let report = try Law.linearizable("memory") { MemoryEventStore() }.check(options)
        #expect(report.labels["with conflicts", default: 0] > 20)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `given a store that looks before it leaps, then two appends of one tag show it`(
        seed: UInt64
    ) throws {
        let property = Law.linearizable("racy") { RacyStore() }
        let report = property.run(PropertyOptions(cases: 500, seed: seed, corpus: nil))
        let example = try #require(report.counterexample)
        #expect(example.isReproducible)
        let append = #"call: .append("a", count: 1, unless: "a", after: nil)"#
        let wishes = example.source.components(separatedBy: "Wish(").count - 1
        #expect(wishes == 2, "\(report)")
        #expect(example.source.components(separatedBy: append).count - 1 == 2, "\(report)")
    }

    @Test func `given the log on a disk, then concurrent appends look as if one after another`()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.path + "/kit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let count = Mutex(0)
        let property = Law.linearizable("log") {
            let number = count.withLock { count in
                count += 1
                return count
            }
            return try EventLog.create(
                directory: folder + "-\(number)", hash: .sha256,
                clock: { Instant(microseconds: 0) }, id: LogID(rawValue: 1), salt: .zero)
        }
        defer {
            for number in 1...count.withLock({ $0 }) {
                try? FileManager.default.removeItem(atPath: folder + "-\(number)")
            }
        }
        try property.check(PropertyOptions(cases: 12, seed: 3, corpus: nil))
    }

    @Test func `given a count that is read, let go and written, then two tasks show it`() throws {
        actor Counter {
            var count = 0
            func add() async {
                let seen = count
                await Task.yield()
                count = seen + 1
            }
        }
        let property = Property(
            "no addition is lost", Generator.integer(in: 0...6),
            interleaving: { tasks in
                let counter = Counter()
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<tasks { group.addTask { await counter.add() } }
                }
                try require(await counter.count == tasks)
            })
        let example = try #require(property.run(options).counterexample)
        #expect(example.source == "2")
        #expect(example.isReproducible)
    }

    @Test func `given tasks that take turns, then the same choices give the same turns`() throws {
        func turns(_ choices: Choices) throws -> [Int] {
            try Interleaving.run(choices) {
                let log = TurnLog()
                await withTaskGroup(of: Void.self) { group in
                    for client in 1...3 {
                        group.addTask {
                            for _ in 1...3 {
                                log.note(client)
                                await Task.yield()
                            }
                        }
                    }
                }
                return log.turns
            }
        }
        let drawn = Choices(seed: 11)
        let first = try turns(drawn)
        #expect(first.sorted() == [1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(try turns(Choices(replaying: drawn.record)) == first)
        #expect(try turns(Choices(seed: 12)) != first)
    }
}

private final class TurnLog: Sendable {
    private let noted = Mutex<[Int]>([])

    func note(_ client: Int) { noted.withLock { $0.append(client) } }
    var turns: [Int] { noted.withLock { $0 } }
}
