import ArgumentParser
import DaybookCore
import DaybookEngine
import Workload

/// `daybook-workload steady`: goal 8.
struct SteadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steady",
        abstract: "Places orders as fast as the read models follow, for a while.",
        discussion: """
            After every few calls it waits until the read models hold everything that was durable at \
            that moment; how long that takes is the lag. The next wait comes sooner or later, so that \
            the lag stays below --lag. With --settle every order is shipped and every mail is sent as \
            well, so that neither open orders nor open mails pile up and memory stays flat.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "How long to go on, in seconds; --orders is ignored.")
    var seconds = 60

    @Option(help: "Orders in one call.")
    var group = 1_000

    @Option(help: "The lag of the read models that is allowed, in seconds.")
    var lag = 1.0

    @Flag(help: "Ship every order as soon as it is paid, and send its mail.")
    var settle = false

    mutating func run() async throws {
        var figures = Figures(mode: "steady")
        try await options.withDirectory { directory in
            let store = try await WorkloadStore.create(in: directory, sendsMails: settle)
            try await measure(store, &figures)
            try await store.daybook.close()
        }
        try figures.report(toJSON: options.json)
    }

    private func measure(_ store: WorkloadStore, _ figures: inout Figures) async throws {
        try await store.daybook.waitForProjections()
        let feed = OrderFeed(options.stream, count: .max, group: group, store: store)
        let clock = ContinuousClock()
        let started = clock.now
        let end = started.advanced(by: .seconds(seconds))
        var pace = Pace(limit: lag)
        var lags = Durations()
        var orders = 0
        var memory: [Int] = []
        while clock.now < end, let requests = feed.next() {
            let placed = await store.daybook.executeAll(requests)
            for result in placed { try WorkloadStore.checkPaid(result) }
            if settle { try await store.ship(placed) }
            orders += requests.count
            guard pace.isDue else { continue }
            let asked = clock.now
            try await store.daybook.waitForProjections()
            let took = asked.duration(to: clock.now)
            lags.add(took)
            pace.adapt(to: took.inSeconds)
            let elapsed = started.duration(to: clock.now).inSeconds
            if Int(elapsed / Double(seconds) * 10) >= memory.count {
                memory.append(ProcessMemory.residentByteCount)
            }
        }
        let took = started.duration(to: clock.now).inSeconds
        figures.add("orders_per_second", Double(orders) / took)
        figures.add("p99_us", lags.microseconds(at: 0.99))
        figures.add("longest_lag_seconds", lags.microseconds(at: 1) / 1e6)
        figures.add("orders", Double(orders))
        figures.add("seconds", took)
        for (tenth, bytes) in memory.enumerated() {
            figures.add("resident_bytes_after_\(tenth)0_percent", Double(bytes))
        }
    }
}

/// How many calls go between two waits for the read models.
private struct Pace {
    let limit: Double
    private var calls = 0
    private var wanted = 1

    init(limit: Double) {
        self.limit = limit
    }

    /// Counts one call.
    var isDue: Bool {
        mutating get {
            calls += 1
            guard calls >= wanted else { return false }
            calls = 0
            return true
        }
    }

    mutating func adapt(to lag: Double) {
        if lag > limit / 2 { wanted = max(1, wanted / 2) } else if lag < limit / 4 { wanted += 1 }
    }
}
