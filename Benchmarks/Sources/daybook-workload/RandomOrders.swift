import ArgumentParser
import DaybookProjections
import Foundation
import Workload

/// The store that a question is asked of.
struct StoreArgument: ParsableArguments {
    @Option(help: "The directory of a store that an earlier run kept.")
    var directory: String

    mutating func validate() throws {
        guard FileManager.default.fileExists(atPath: directory + "/log") else {
            throw ValidationError(
                "\(directory) holds no store; make one with 'daybook-workload bulk --directory'")
        }
    }
}

/// Orders of a store, drawn at random; the same ones as limit-select draws with the same seed.
struct RandomOrders {
    let orders: [OrderSummary]
    /// The number of the newest order.
    let highest: UInt64

    init(_ models: ReadModels, count: Int, seed: UInt64) async throws {
        guard let newest = try await models.orders(limit: 1).value.items.first else {
            throw WorkloadStore.Failure(
                "its read models hold no orders; if its writer was killed, open it once for writing "
                    + "or run 'daybook projection rebuild --all'")
        }
        highest = newest.orderNumber
        var numbers = SplitMix64(seed: seed)
        var orders: [OrderSummary] = []
        for _ in 0..<count {
            let number = 1 + UInt64(numbers.below(Int(highest)))
            orders.append(try await models.order(orderNumber: number).value.order.summary)
        }
        self.orders = orders
    }
}
