import ArgumentParser
import DaybookCore
import DaybookEngine
import Workload

/// `daybook-workload bulk`: goals 1 and 12.
struct BulkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk",
        abstract: "Places orders through the bulk interface: durable, both batches of each.")

    @OptionGroup var options: RunOptions

    @Option(help: "Orders in one call.")
    var group = 1_000

    @Option(help: "Calls that wait at the same time.")
    var callers = 4

    mutating func validate() throws {
        guard group > 0, callers > 0 else {
            throw ValidationError("--group and --callers must be at least 1")
        }
    }

    mutating func run() async throws {
        var figures = Figures(mode: "bulk")
        try await options.withDirectory { directory in
            var before = StoreSize(directory: directory)
            let store = try await WorkloadStore.create(in: directory)
                .reopened(in: directory) { before = StoreSize(directory: directory) }
            try await measure(store, directory, before, &figures)
        }
        try figures.report(toJSON: options.json)
    }

    private func measure(
        _ store: WorkloadStore, _ directory: String, _ before: StoreSize,
        _ figures: inout Figures
    ) async throws {
        try await store.daybook.waitForProjections()
        let headBefore = store.daybook.head
        let feed = OrderFeed(options.stream, count: options.orders, group: group, store: store)
        let clock = ContinuousClock()
        Measurement.begins()
        let started = clock.now
        let durations = try await withThrowingTaskGroup(of: Durations.self) { tasks in
            for _ in 0..<callers {
                tasks.addTask {
                    var durations = Durations()
                    while let requests = feed.next() {
                        let asked = clock.now
                        for result in await store.daybook.executeAll(requests) {
                            try WorkloadStore.checkPaid(result)
                        }
                        durations.add(asked.duration(to: clock.now))
                    }
                    return durations
                }
            }
            return try await tasks.reduce(into: Durations()) { $0.add($1) }
        }
        let seconds = started.duration(to: clock.now).inSeconds
        let orders = Double(options.orders)
        figures.add("orders_per_second", orders / seconds)
        figures.add("p99_us", durations.microseconds(at: 0.99))
        figures.add("p50_us", durations.microseconds(at: 0.5))
        figures.add("orders", orders)
        figures.add("seconds", seconds)
        try await store.daybook.waitForProjections()
        Measurement.ends()
        let projected = started.duration(to: clock.now).inSeconds
        figures.add("orders_per_second_projected", orders / projected)
        figures.add(
            "events_per_order",
            Double(store.daybook.head.rawValue - headBefore.rawValue) / orders)
        let resident = ProcessMemory.residentByteCount
        figures.add("resident_bytes", Double(resident))
        try await store.daybook.close()
        let closed = StoreSize(directory: directory)
        figures.add("log_bytes_per_order", Double(closed.logPayload - before.logPayload) / orders)
        figures.add(
            "read_model_bytes_per_order", Double(closed.readModels - before.readModels) / orders)
    }
}
