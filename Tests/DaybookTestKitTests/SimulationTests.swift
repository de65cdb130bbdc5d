import DaybookCore
import DaybookTestKit
import Testing

/// Counts.
private enum Counter: Decider {
    static var initial: Int { 0 }

    static func evolve(_ state: inout Int, with fact: Int) { state += fact }

    static func decide(
        _ command: Int, given state: Int, in _: inout Void
    ) throws(Discard) -> [Int] { Array(repeating: 1, count: command) }
}

private struct CountRow: RowProjector {
    private var count = 0
    private var checkpoint = LogPosition.start

    mutating func project(_ run: [Delivery<Int>]) {
        for delivery in run where delivery.position > checkpoint {
            count += delivery.fact
            checkpoint = delivery.position
        }
    }

    func tables() -> [RowTable] { [RowTable(columns: ["count"], rows: [[String(count)]])] }
}

/// Goes wrong with its third run, which no rebuild has.
private struct TiredRow: RowProjector {
    private var count = 0
    private var runs = 0
    private var checkpoint = LogPosition.start

    mutating func project(_ run: [Delivery<Int>]) {
        runs += 1
        for delivery in run where delivery.position > checkpoint {
            count += runs > 2 ? 0 : delivery.fact
            checkpoint = delivery.position
        }
    }

    func tables() -> [RowTable] { [RowTable(columns: ["count"], rows: [[String(count)]])] }
}

@Suite struct `Simulated stores` {
    private var store: SimulatedStore<Counter, CountRow> {
        let workload = Workload(Counter.self, commands: { _ in Generator.integer(in: 1...3) })
        return SimulatedStore(
            workload, projector: CountRow.self,
            write: { ProposedEvent(type: "Counted", tags: [], payload: [UInt8($0)]) },
            read: { event, _ in Int(event.payload[0]) })
    }

    @Test func `given syncs that lie and nobody forgives it, then the loss is noticed`() throws {
        var store = store
        store.faults.lostSyncs = 20
        store.faults.powerCuts = 20
        store.faults.forgivesLostSyncs = false
        let report = store.survives().run(PropertyOptions(cases: 200, seed: 2, corpus: nil))
        let example = try #require(report.counterexample, "\(report)")
        // Silently gone, or found by the log itself: what the power cut leaves decides.
        #expect(
            example.message == "durability: 1 batches were acknowledged, 0 are there"
                || example.message.hasPrefix("opens: damaged"), "\(example.message)")
        #expect(example.eventCount == 1)
        #expect(example.source.contains("a sync is lost\n// the power goes"))
    }

    @Test func `given a projector that tires with its third run, then its rows show it`() throws {
        let tired = SimulatedStore(
            store.workload, projector: TiredRow.self,
            write: { ProposedEvent(type: "Counted", tags: [], payload: [UInt8($0)]) },
            read: { event, _ in Int(event.payload[0]) })
        let report = tired.survives().run(PropertyOptions(cases: 300, seed: 3, corpus: nil))
        let example = try #require(report.counterexample, "\(report)")
        #expect(example.message.hasPrefix("rows: in runs as the events came"), "\(example.message)")
        // Empty runs after a restart count as well.
        #expect(example.eventCount == 1)
    }

    @Test func `given the same disk with syncs that hold, then nothing is lost`() throws {
        var store = store
        store.faults.powerCuts = 20
        try store.survives().check(PropertyOptions(cases: 100, seed: 2, corpus: nil))
    }
}
