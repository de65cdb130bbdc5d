import ArgumentParser
import DaybookEngine
import Workload

/// `daybook-workload callers`: goals 2 and 3.
struct CallersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callers",
        abstract:
            "Callers that each wait for what they asked for to be durable before the next one.")

    /// What a caller asks for.
    enum Wish: String, ExpressibleByArgument, CaseIterable {
        /// Two batches: the order, and once that is durable its payment.
        case orders
        /// One batch: stock that came in.
        case deliveries
    }

    @OptionGroup var options: RunOptions

    @Option(help: "Callers at the same time.")
    var callers = 64

    @Option(
        help:
            "What each asks for: orders, which wait for their payment, or deliveries of one batch.")
    var wish = Wish.orders

    @Option(help: "Calls for 1,000 orders each that are kept in flight beside.")
    var bulks = 0

    mutating func validate() throws {
        guard callers > 0, bulks >= 0 else {
            throw ValidationError("--callers must be at least 1, --bulks at least 0")
        }
    }

    mutating func run() async throws {
        var figures = Figures(mode: "callers")
        try await options.withDirectory { directory in
            let store = try await WorkloadStore.create(in: directory)
            try await measure(store, &figures)
            try await store.daybook.close()
        }
        try figures.report(toJSON: options.json)
    }

    private func measure(_ store: WorkloadStore, _ figures: inout Figures) async throws {
        try await store.daybook.waitForProjections()
        let feed = OrderFeed(
            options.stream, count: options.orders, group: 1, store: store,
            asDeliveries: wish == .deliveries)
        let wish = wish
        let clock = ContinuousClock()
        let started = clock.now
        let bulkOrders = Counter()
        let bulk = Task { try await keepBulksInFlight(store, bulkOrders) }
        let durations = try await withThrowingTaskGroup(of: Durations.self) { tasks in
            for _ in 0..<callers {
                tasks.addTask {
                    var durations = Durations()
                    while let request = feed.next()?.first {
                        let asked = clock.now
                        let result = try await store.daybook.execute(
                            request.commands[0], as: request.actor, key: request.key)
                        durations.add(asked.duration(to: clock.now))
                        if wish == .orders { try WorkloadStore.checkPaid(.success(result)) }
                    }
                    return durations
                }
            }
            return try await tasks.reduce(into: Durations()) { $0.add($1) }
        }
        let seconds = started.duration(to: clock.now).inSeconds
        let bulkCount = bulkOrders.value
        bulk.cancel()
        try await bulk.value
        figures.add("\(wish.rawValue)_per_second", Double(options.orders) / seconds)
        figures.add("p99_us", durations.microseconds(at: 0.99))
        figures.add("p50_us", durations.microseconds(at: 0.5))
        figures.add("callers", Double(callers))
        figures.add(wish.rawValue, Double(options.orders))
        figures.add("seconds", seconds)
        if bulks > 0 { figures.add("bulk_orders_per_second", Double(bulkCount) / seconds) }
    }

    /// Places orders in bulk until it is cancelled.
    private func keepBulksInFlight(_ store: WorkloadStore, _ placed: Counter) async throws {
        // Numbers that the callers' own orders do not reach.
        let feed = OrderFeed(
            OrderStream(seed: options.seed + 1, popularity: options.popularity), count: .max / 2,
            group: 1_000, store: store, firstNumber: options.orders)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<bulks {
                tasks.addTask {
                    while !Task.isCancelled, let requests = feed.next() {
                        for result in await store.daybook.executeAll(requests) {
                            try WorkloadStore.checkPaid(result)
                        }
                        placed.add(requests.count)
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }
}
