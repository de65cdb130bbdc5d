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
            Again and again it waits until the read models hold everything that was durable at that \
            moment; how long that takes is the lag. More or fewer calls begin between the ends of two \
            waits, so that the lag stays below --lag. With --settle every order is shipped and every mail \
            is sent as well, so that neither open orders nor open mails pile up and memory stays flat.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "How long to go on, in seconds; --orders is ignored.")
    var seconds = 60

    @Option(help: "Orders in one call.")
    var group = 1_000

    @Option(help: "Calls that wait at the same time.")
    var callers = 4

    @Option(help: "The lag of the read models that is allowed, in seconds.")
    var lag = 1.0

    @Flag(help: "Ship every order as soon as it is paid, and send its mail.")
    var settle = false

    mutating func validate() throws {
        guard seconds > 0, group > 0, callers > 0, lag > 0 else {
            throw ValidationError("--seconds, --group, --callers and --lag must be above 0")
        }
    }

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
        let pace = SteadyPace(limit: lag, callers: callers)
        async let looks = look(at: store.daybook, pace, since: started)
        let orders = try await withThrowingTaskGroup(of: Int.self) { tasks in
            defer { pace.finish() }
            for _ in 0..<callers {
                tasks.addTask {
                    // One that has ended lets the others see why.
                    defer { pace.open() }
                    return try await place(feed, in: store, pace, until: end)
                }
            }
            return try await tasks.reduce(0, +)
        }
        let (lags, memory) = try await looks
        let took = started.duration(to: clock.now).inSeconds
        figures.add("orders_per_second", Double(orders) / took)
        figures.add("p99_us", lags.microseconds(at: 0.99))
        figures.add("longest_lag_seconds", lags.microseconds(at: 1) / 1e6)
        figures.add("orders", Double(orders))
        figures.add("seconds", took)
        if settle {
            // One for each user, too, from before.
            let mails = OrderStream.userCount + orders
            figures.add("mails_waiting", Double(mails - store.postOffice.sentCount))
        }
        for (tenth, bytes) in memory.enumerated() {
            figures.add("resident_bytes_after_\(tenth)0_percent", Double(bytes))
        }
    }

    /// One caller: places orders, each call when the pace allows.
    private func place(
        _ feed: OrderFeed, in store: WorkloadStore, _ pace: SteadyPace,
        until end: ContinuousClock.Instant
    ) async throws -> Int {
        var orders = 0
        while true {
            await pace.begin()
            guard ContinuousClock.now < end, !Task.isCancelled, let requests = feed.next() else {
                return orders
            }
            let placed = await store.daybook.executeAll(requests)
            for result in placed { try WorkloadStore.checkPaid(result) }
            if settle { try await store.ship(placed) }
            orders += requests.count
            pace.end()
        }
    }

    /// Looks again and again how long the read models take to hold what is durable at that moment.
    private func look(
        at daybook: Daybook, _ pace: SteadyPace, since started: ContinuousClock.Instant
    ) async throws -> (lags: Durations, memory: [Int]) {
        // Whoever waits must not wait for ever when this fails.
        defer { pace.finish() }
        let clock = ContinuousClock()
        var lags = Durations()
        var memory: [Int] = []
        while await pace.hasNews() {
            let asked = clock.now
            try await daybook.waitForProjections()
            let took = asked.duration(to: clock.now)
            lags.add(took)
            pace.adapt(to: took.inSeconds)
            let elapsed = started.duration(to: clock.now).inSeconds
            if Int(elapsed / Double(seconds) * 10) >= memory.count {
                memory.append(ProcessMemory.residentByteCount)
            }
        }
        return (lags, memory)
    }
}
