import DaybookCore
import DaybookDecisions
import DaybookProjections

/// The read models after a history, ready to be asked.
final class ShopBench {
    let folder = TestFolder()
    let models: ReadModels
    let history: History

    init(_ history: History, _ names: [ReadModelName] = ReadModelName.allCases) throws {
        self.history = history
        for name in names { try name.project(history, into: folder) }
        models = ReadModels(directory: folder.path)
    }

    deinit { models.close() }

    /// The numbers of the active orders of a person, in the order given.
    func active(_ user: UserID = Cast.ada, limit: Int = 10) async throws -> [UInt64] {
        try await models.userActiveOrders(user: user, limit: limit).value.map {
            $0.summary.orderNumber
        }
    }

    /// `SKU times orders units` of the recent products.
    func recent(
        _ user: UserID = Cast.ada, limit: Int = 5, statuses: [OrderStatus]? = nil
    ) async throws -> [String] {
        try await models.userRecentlyOrderedProducts(user: user, limit: limit, statuses: statuses)
            .value.map { "\($0.sku) \($0.timesOrdered) \($0.orderCount) \($0.orderedUnits)" }
    }
}

extension History {
    /// One order in every status; the number tells which, in the order of `OrderStatus.allCases`
    /// without `delivered`, which no event leads to today.
    static var everyStatus: History {
        var history = History()
        for number in 1...8 as ClosedRange<UInt64> { history.record(Event.bookSold(number)) }
        for number in [2, 4, 5, 6] as [UInt64] { history.record(.captured(number, 999)) }
        history.record(.declined(3))
        history.record(.started(4))
        history.record(.dispatched(5, 5, [(1, 1)]))
        history.record(.dispatched(6, 6, [(1, 1)]))
        history.record(.returnRequested(6, 6, [(1, 1)]))
        history.record(.returnReceived(6, 6, [(1, 1)]))
        history.record(.cancelled(7))
        history.record(.expired(8, deadline: history.now))
        return history
    }
}
