import DaybookDecisions
public import DaybookEngine
import Synchronization

/// Hands the orders of a stream to several callers, group by group.
public final class OrderFeed: Sendable {
    private struct State {
        var stream: OrderStream
        var nextNumber = 0
    }

    private let state: Mutex<State>
    private let count: Int
    private let group: Int
    private let firstNumber: Int
    private let store: WorkloadStore
    private let asDeliveries: Bool

    /// - Parameters:
    ///   - firstNumber: larger than any in the store, so that no key is used again.
    ///   - asDeliveries: in place of each order the goods of its first line come in.
    public init(
        _ stream: OrderStream, count: Int, group: Int, store: WorkloadStore, firstNumber: Int = 0,
        asDeliveries: Bool = false
    ) {
        self.asDeliveries = asDeliveries
        state = Mutex(State(stream: stream))
        self.firstNumber = firstNumber
        self.count = count
        self.group = group
        self.store = store
    }

    /// The next group of requests; `nil` when all are handed out.
    public func next() -> [Request]? {
        let (first, orders) = state.withLock { state -> (Int, [WorkloadOrder]) in
            let first = state.nextNumber
            let size = min(group, count - first)
            state.nextNumber += size
            return (first, (0..<size).map { _ in state.stream.next() })
        }
        guard !orders.isEmpty else { return nil }
        return orders.enumerated().map { index, order in
            let number = firstNumber + first + index
            return asDeliveries
                ? store.delivery(for: order, number: number)
                : store.request(for: order, number: number)
        }
    }
}

extension WorkloadStore {
    /// Places all orders of a feed, some calls at a time; returns when all are paid and durable.
    public func place(_ feed: OrderFeed, callers: Int = 4) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<callers {
                tasks.addTask {
                    while let requests = feed.next() {
                        for result in await daybook.executeAll(requests) {
                            try WorkloadStore.checkPaid(result)
                        }
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    /// Every order of the workload is placed and paid.
    public static func checkPaid(_ result: Result<CommandResult, DaybookError>) throws {
        guard case .order(let order) = try result.get().value, order.status == .paid else {
            throw Failure("an order was not paid: \(result)")
        }
    }
}
