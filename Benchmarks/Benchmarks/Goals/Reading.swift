import Benchmark
import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections
import Workload

/// Some orders of a store, and whom to ask.
struct Questions {
    let reader: DaybookReader
    let orders: [OrderSummary]

    init(directory: String, count: Int = 1_000) async throws {
        reader = try DaybookReader.open(directory: directory)
        var numbers = SplitMix64(seed: 1)
        var orders: [OrderSummary] = []
        for _ in 0..<count {
            let number = UInt64(1 + numbers.below(Shop.orderCount))
            orders.append(
                try await reader.readModels.order(orderNumber: number).value.order.summary)
        }
        self.orders = orders
    }
}

func readingBenchmarks() {
    Benchmark(
        "10 order and dashboard of a thousand customers", configuration: configuration(),
        closure: { _, questions in
            for order in questions.orders {
                blackHole(try await questions.reader.readModels.order(orderID: order.orderID))
                blackHole(try await questions.reader.readModels.dashboard(user: order.userID))
            }
        }, setup: { try await Questions(directory: Shop.closed()) }, teardown: Shop.remove)
    Benchmark(
        "11 history of a thousand orders from the log", configuration: configuration(),
        closure: { _, questions in
            for order in questions.orders {
                var count = 0
                try questions.reader.forEachEntry(AuditQuestion(tag: order.orderID.tag)) { _ in
                    count += 1
                    return true
                }
                guard count == 5 else {
                    throw WorkloadStore.Failure("order \(order.orderID) has \(count) events")
                }
            }
        }, setup: { try await Questions(directory: Shop.closed()) }, teardown: Shop.remove)
}
