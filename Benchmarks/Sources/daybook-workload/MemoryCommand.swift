import ArgumentParser
import DaybookEngine
import Workload

/// `daybook-workload memory`: goal 13.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "How much the process grows with each user and each open order.",
        discussion: """
            Growth of what is allocated between two moments at which the read models have caught up \
            and every mail was sent, and of the resident size, free memory given back. Caches, keys \
            that wait for their run and the index of the active segment count while they grow, some \
            megabytes more or less in all: ask for hundreds of thousands.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "Users to register beside the workload's 10,000.")
    var users = 50_000

    mutating func validate() throws {
        guard users > 0 else { throw ValidationError("--users must be at least 1") }
    }

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
            figures.add("open_order", afterOrders.growth(since: beforeOrders, by: options.orders))
            figures.add("user", afterUsers.growth(since: beforeUsers, by: users))
            figures.add("resident_bytes_at_start", Double(started.resident))
            figures.add("resident_bytes", Double(afterOrders.resident))
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

    /// With every mail sent.
    private func settled(_ store: WorkloadStore) async throws -> Held {
        _ = try await store.daybook.runReactors()
        try await store.daybook.waitForProjections()
        ProcessMemory.giveBack()
        return Held(
            allocated: ProcessMemory.allocatedByteCount, resident: ProcessMemory.residentByteCount)
    }
}

/// What the process holds at one moment, in bytes.
private struct Held {
    var allocated: Int
    var resident: Int

    /// Bytes for each of so many subjects.
    func growth(since before: Held, by count: Int) -> Held.PerSubject {
        PerSubject(
            allocated: Double(allocated - before.allocated) / Double(count),
            resident: Double(resident - before.resident) / Double(count))
    }

    struct PerSubject {
        var allocated: Double
        var resident: Double
    }
}

extension Figures {
    fileprivate mutating func add(_ subject: String, _ growth: Held.PerSubject) {
        add("bytes_per_\(subject)", growth.allocated)
        add("resident_bytes_per_\(subject)", growth.resident)
    }
}
