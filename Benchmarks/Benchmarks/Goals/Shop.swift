import DaybookCore
import DaybookEngine
import Foundation
import Workload

/// A store of the workload in a folder of this process.
struct Shop {
    static let orderCount = 10_000
    static let folder =
        FileManager.default.currentDirectoryPath
        + "/daybook-workload-goals-\(ProcessInfo.processInfo.processIdentifier)"
    static let directory = folder + "/shop"

    let store: WorkloadStore

    /// With users and products, and orders if wanted.
    static func open(orders: Int = 0) async throws -> Shop {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let shop = Shop(store: try await WorkloadStore.create(in: directory))
        if orders > 0 { try await shop.place(orders) }
        return shop
    }

    /// The same, closed.
    static func closed(orders: Int = Shop.orderCount) async throws -> String {
        try await open(orders: orders).store.daybook.close()
        return directory
    }

    static func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func feed(_ orders: Int, group: Int = 1_000) -> OrderFeed {
        OrderFeed(
            OrderStream(), count: orders, group: group, store: store,
            firstNumber: Int(store.daybook.head.rawValue))
    }

    func place(_ orders: Int, group: Int = 1_000, callers: Int = 4) async throws {
        try await store.place(feed(orders, group: group), callers: callers)
    }
}

/// Seconds that some work takes.
func seconds(_ work: () async throws -> Void) async throws -> Double {
    let clock = ContinuousClock()
    let begun = clock.now
    try await work()
    return begun.duration(to: clock.now).inSeconds
}
