import ArgumentParser
import DaybookEngine
import Workload

/// `daybook-workload memory`: goal 13.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "How much the process grows with each user and each open order.",
        discussion: """
            Growth of the resident size, after free memory went back to the system, between two \
            moments at which the read models have caught up. Tables double when they are full, so the \
            figure of one size lies up to twice above or below that of another.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "Users to register beside the workload's 10,000.")
    var users = 50_000

    mutating func run() async throws {
        var figures = Figures(mode: "memory")
        try await options.withDirectory { directory in
            let store = try await WorkloadStore.create(in: directory)
            let started = try await settled(store)
            let first = OrderStream.userCount
            // As many before as are measured: what is grown then are tables, not pools.
            let warm = first + users
            _ = try await WorkloadStore.register(first..<warm, in: store.daybook)
            let beforeUsers = try await settled(store)
            _ = try await WorkloadStore.register(warm..<(warm + users), in: store.daybook)
            let afterUsers = try await settled(store)
            try await place(store, from: 0)
            let beforeOrders = try await settled(store)
            try await place(store, from: options.orders)
            let afterOrders = try await settled(store)
            figures.add(
                "bytes_per_open_order", Double(afterOrders - beforeOrders) / Double(options.orders))
            figures.add("bytes_per_user", Double(afterUsers - beforeUsers) / Double(users))
            figures.add("resident_bytes_at_start", Double(started))
            figures.add("resident_bytes", Double(afterOrders))
            figures.add("orders", Double(options.orders))
            figures.add("users", Double(users))
            try await store.daybook.close()
        }
        try figures.report(toJSON: options.json)
    }

    private func place(_ store: WorkloadStore, from first: Int) async throws {
        let feed = OrderFeed(
            options.stream, count: options.orders, group: 1_000, store: store, firstNumber: first)
        try await store.place(feed, callers: 1)
    }

    private func settled(_ store: WorkloadStore) async throws -> Int {
        try await store.daybook.waitForProjections()
        ProcessMemory.giveBack()
        return ProcessMemory.residentByteCount
    }
}
