import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections
import Foundation
import Testing

/// Poison events through the engine: parked, tried again, skipped on the record.
@Suite struct `Parked events` {
    private let stray = OrderID(rawValue: 0xBAD)

    /// A shop with one sound order, and behind it two events of an order that was never placed.
    private func poisoned() async throws -> (TestStore, UserID, OrderID, LogPosition) {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer()
        let order = try await daybook.order([("A", 2)], by: user)
        try await daybook.close()
        let head = try DaybookReader.open(directory: store.configuration.directory).head
        try store.append([
            [.processingStarted(ProcessingStarted(orderID: stray))],
            [.orderCancelled(OrderCancelled(orderID: stray, reason: "never was"))],
        ])
        return (store, user, order.orderID, head.advanced(by: 1))
    }

    @Test func `given a poison event, when opened, then it is parked and everything else goes on`()
        async throws
    {
        let (store, user, order, first) = try await poisoned()
        let daybook = try await store.open()
        #expect(daybook.notices.isEmpty)
        try await daybook.waitForProjections()
        let parked = try daybook.parkedEvents(of: .orders)
        #expect(parked.map(\.fact.position) == [first, first.advanced(by: 1)])
        #expect(parked.map(\.reason) == ["order \(stray) is unknown", nil])
        #expect(parked.map(\.subject) == [stray.description, stray.description])
        // The same model goes on with the other orders, and says how it stands.
        #expect(try await daybook.status(of: order) == "processing")
        let next = try await daybook.order([("A", 1)], by: user)
        #expect(try await daybook.status(of: next.orderID) == "processing")
        try await daybook.close()
        let status = try #require(try store.status(of: .orders))
        #expect(
            status.parked
                == ParkedCount(
                    events: 2, refused: 1, subjects: 1, lastReason: "order \(stray) is unknown"))
        #expect(status.lag == 0 && status.stop == nil)
        #expect(try store.status(of: .inventory)?.parked == ParkedCount())
        // A rebuild parks the same.
        #expect(try store.modelsEqualRebuild() == [true, true, true])
        #expect(try store.status(of: .orders)?.parked.events == 2)
    }

    @Test func `given parked events, when tried again, then what is still wrong stays`()
        async throws
    {
        let (store, _, _, first) = try await poisoned()
        let daybook = try await store.open()
        let all = try await daybook.retryParked(of: .orders)
        #expect(all.applied == 0 && all.parked.count == 2)
        let one = try await daybook.retryParked(of: .orders, at: first)
        #expect(one == all)
        let missing = try await failure { try await daybook.retryParked(of: .users, at: first) }
        #expect(missing.kind == .notFound)
        #expect(try await daybook.retryParked(of: .users).parked.isEmpty)
        try await daybook.close()
    }

    @Test
    func `given a parked event, when skipped, then the decision is on the record and rebuilt`()
        async throws
    {
        let (store, _, order, first) = try await poisoned()
        let second = first.advanced(by: 1)
        var daybook = try await store.open()
        let head = daybook.head
        let unreasoned = try await failure {
            try await daybook.skipParked(of: .orders, at: first, reason: " ", as: boss)
        }
        #expect(unreasoned.code == "validation_failed")
        // One that only waits cannot be skipped, nor one that is not there.
        for (name, position) in [(ReadModelName.orders, second), (.users, first), (.orders, head)] {
            let error = try await failure {
                try await daybook.skipParked(of: name, at: position, reason: "x", as: boss)
            }
            #expect(error.kind == .notFound || position == head && head == second)
        }
        #expect(daybook.head == head)
        _ = try await daybook.skipParked(of: .orders, at: first, reason: "never placed", as: boss)
        // Now the next one shows that it cannot be taken either.
        #expect(
            try daybook.parkedEvents(of: .orders).map(\.reason) == ["order \(stray) is unknown"])
        let recorded = try await daybook.skipParked(
            of: .orders, at: second, reason: "never placed", as: boss)
        #expect(try daybook.parkedEvents(of: .orders).isEmpty)
        #expect(try await daybook.status(of: order) == "processing")
        try await daybook.close()
        let entry = try #require(try store.entries().first { $0.position == recorded })
        #expect(entry.type == "ProjectionEventSkipped")
        #expect(entry.actor == boss)
        #expect(entry.command == "SkipProjectionEvent")
        #expect(entry.payload.contains("\"reason\":\"never placed\""))
        #expect(entry.payload.contains("\"skipped_position\":\(second)"))
        // Rebuilt, and built anew at start.
        #expect(try store.modelsEqualRebuild() == [true, true, true])
        try FileManager.default.removeItem(
            atPath: store.configuration.directory + "/read-models/orders.sqlite")
        daybook = try await store.open()
        #expect(try daybook.parkedEvents(of: .orders).isEmpty)
        #expect(try await daybook.isStateEqualToFold() != false)
        try await daybook.close()
        #expect(try store.modelsEqualRebuild() == [true, true, true])
    }

    @Test func `given a customer, when skipping is asked for, then it is forbidden`() async throws {
        let (store, user, _, first) = try await poisoned()
        let daybook = try await store.open()
        let error = try await failure {
            try await daybook.skipParked(of: .orders, at: first, reason: "x", as: .user(user))
        }
        #expect(error.code == "forbidden")
        #expect(try daybook.parkedEvents(of: .orders).count == 2)
        try await daybook.close()
    }
}
