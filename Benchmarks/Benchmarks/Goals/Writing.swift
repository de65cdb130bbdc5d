import Benchmark
import DaybookCore
import DaybookEngine
import DaybookLog
import Workload

func writingBenchmarks() {
    Benchmark(
        "01 bulk orders, durable", configuration: configuration(Metric.ordersPerSecond),
        closure: { benchmark, shop in
            let taken = try await seconds { try await shop.place(Shop.orderCount) }
            benchmark.measurement(Metric.ordersPerSecond, Int(Double(Shop.orderCount) / taken))
        }, setup: { try await Shop.open() }, teardown: Shop.remove)
    Benchmark(
        "02 64 callers, an order each", configuration: configuration(Metric.ordersPerSecond),
        closure: { benchmark, shop in
            let taken = try await seconds { try await shop.place(2_000, group: 1, callers: 64) }
            benchmark.measurement(Metric.ordersPerSecond, Int(2_000 / taken))
        }, setup: { try await Shop.open() }, teardown: Shop.remove)
    Benchmark(
        "03 one caller, one order", configuration: configuration(iterations: 1_000),
        closure: { _, shop in try await shop.place(1, group: 1, callers: 1) },
        setup: { try await Shop.open() }, teardown: Shop.remove)
    Benchmark(
        "04 conditional appends of 64 events", configuration: configuration(Metric.eventsPerSecond),
        closure: { benchmark, log in
            let taken = try await seconds { try await append(to: log, batches: 1_024) }
            benchmark.measurement(Metric.eventsPerSecond, Int(1_024 * 64 / taken))
        },
        setup: {
            try EventLog.create(
                directory: Shop.folder, hash: .sha256, clock: DaybookConfiguration.wallClock,
                id: LogID(rawValue: 1), salt: .zero)
        }, teardown: Shop.remove)
    Benchmark(
        "08 bulk orders until the read models follow",
        configuration: configuration(Metric.ordersPerSecond),
        closure: { benchmark, shop in
            let taken = try await seconds {
                try await shop.place(Shop.orderCount)
                try await shop.store.daybook.waitForProjections()
            }
            benchmark.measurement(Metric.ordersPerSecond, Int(Double(Shop.orderCount) / taken))
        }, setup: { try await Shop.open() }, teardown: Shop.remove)
    sizeBenchmarks()
}

private func sizeBenchmarks() {
    Benchmark(
        "12 bytes on disk",
        configuration: configuration(Metric.logBytes, Metric.readModelBytes, iterations: 1),
        closure: { benchmark, _ in
            let empty = try await sizeOfShop(orders: 0)
            let full = try await sizeOfShop(orders: Shop.orderCount)
            benchmark.measurement(
                Metric.logBytes, (full.logPayload - empty.logPayload) / Shop.orderCount)
            benchmark.measurement(
                Metric.readModelBytes, (full.readModels - empty.readModels) / Shop.orderCount)
        }, setup: {}, teardown: Shop.remove)
    Benchmark(
        "13 memory of open orders", configuration: configuration(Metric.residentBytes),
        closure: { benchmark, shop in
            let before = try await residentBytes(shop)
            try await shop.place(Shop.orderCount)
            let growth = try await residentBytes(shop) - before
            benchmark.measurement(Metric.residentBytes, max(0, growth) / Shop.orderCount)
        }, setup: { try await Shop.open(orders: Shop.orderCount) }, teardown: Shop.remove)
    Benchmark(
        "14 an order at four times the size", configuration: configuration(Metric.slowdown),
        closure: { benchmark, shop in
            let few = try await seconds { try await shop.place(Shop.orderCount / 4) }
            let many = try await seconds { try await shop.place(Shop.orderCount) }
            benchmark.measurement(Metric.slowdown, Int(many / 4 / few * 100))
        }, setup: { try await Shop.open() }, teardown: Shop.remove)
}

private func sizeOfShop(orders: Int) async throws -> StoreSize {
    Shop.remove()
    return StoreSize(directory: try await Shop.closed(orders: orders))
}

private func residentBytes(_ shop: Shop) async throws -> Int {
    try await shop.store.daybook.waitForProjections()
    ProcessMemory.giveBack()
    return ProcessMemory.residentByteCount
}

/// 64 writers, each batch on the condition that nothing else is about its subject.
private func append(to log: EventLog, batches: Int) async throws {
    let seed = log.head.rawValue
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        for writer in 0..<64 {
            tasks.addTask {
                let source = EventSource(batch: 64, seed: seed)
                for number in stride(from: writer, to: batches, by: 64) {
                    let (batch, subject) = source.batch(number)
                    let condition = AppendCondition(
                        failIfEventsMatch: .tag(subject), after: log.head)
                    guard case .appended = try await log.append(batch, when: condition) else {
                        throw WorkloadStore.Failure("batch \(number) met a conflict")
                    }
                }
            }
        }
        try await tasks.waitForAll()
    }
}
