import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import Foundation
import Testing

/// What read models were at earlier moments.
@Suite struct PastTests {
    /// A store with some two hundred events, whose models are copied every few events.
    private func filledStore(interval: Int = 24) async throws -> (TestStore, [LogPosition: Int64]) {
        let store = try TestStore()
        store.configuration.settings?.checkpointInterval = interval
        store.configuration.settings?.checkpointFiles = 4
        let (daybook, user) = try await store.openShopWithCustomer()
        var available: [LogPosition: Int64] = [:]
        var chance = Lottery(seed: 7)
        for step in 0..<40 {
            store.clock.advance(bySeconds: 60)
            switch chance.below(4) {
            case 0:
                _ = try await daybook.execute(
                    .receiveStock(ReceiveStock(sku: "A", quantity: 1 + chance.below(9))),
                    as: boss)
            case 1:
                _ = try? await daybook.order([("A", 1 + chance.below(3))], by: user)
            case 2:
                _ = try await daybook.execute(
                    .changePrice(ChangePrice(sku: "B", price: gbp(Int64(900 + step)))), as: boss)
            default:
                let newest = try await daybook.readModels.orders(limit: 1).value.items.first
                if let newest {
                    _ = try? await daybook.execute(
                        .cancelOrder(CancelOrder(order: newest.orderID, reason: "test")), as: boss)
                }
            }
            try await daybook.waitForProjections()
            available[daybook.head] = try await daybook.available("A")
        }
        try await daybook.close()
        return (store, available)
    }

    @Test
    func
        `P-40 given any position, when asked as of it, then tables equal a stopped rebuild`()
        async throws
    {
        let (store, _) = try await filledStore()
        let directory = store.configuration.directory
        let reader = try DaybookReader.open(directory: directory)
        let layout = StoreDirectory(path: directory)
        #expect(try store.files.filter { $0.contains("checkpoints/orders.") }.count >= 3)
        var chance = Lottery(seed: 11)
        let ends: [UInt64] = [0, 1, reader.head.rawValue]
        let drawn = (0..<20).map { _ in UInt64(chance.below(Int(reader.head.rawValue))) }
        for value in ends + drawn {
            let position = LogPosition(rawValue: value)
            for name in ReadModelName.allCases {
                let near = store.path + "/near.sqlite"
                let far = store.path + "/far.sqlite"
                defer {
                    for file in [near, far] { try? FileManager.default.removeItem(atPath: file) }
                }
                let at = try PastModels.write(
                    name, asOf: .position(position), from: reader.log, in: directory, to: near,
                    startingWith: .nearest)
                #expect(at <= position)
                let same = try PastModels.write(
                    name, asOf: .position(position), from: reader.log, in: directory, to: far,
                    startingWith: .nothing)
                #expect(at == same)
                let left = try ReadModelSnapshot(of: name, at: near)
                let right = try ReadModelSnapshot(of: name, at: far)
                #expect(left.checkpoint == right.checkpoint)
                #expect(try left.digests() == right.digests(), "\(name) as of \(position)")
            }
        }
        #expect(FileManager.default.fileExists(atPath: layout.readModels))
    }

    @Test
    func `P-40 given answers of the past, when asked as of then, then they are the same`()
        async throws
    {
        let (store, available) = try await filledStore()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        for (position, units) in available.sorted(by: { $0.key < $1.key }) {
            let answer = try await reader.readModels.availability(
                sku: SKU(rawValue: "A")!, asOf: .position(position))
            #expect(answer.value.available == units, "as of \(position)")
            #expect(answer.position == position)
        }
    }

    @Test
    func `given a time, when asked as of it, then all recorded until then is in it`()
        async throws
    {
        let (store, _) = try await filledStore()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        let batches = try store.entries()
        var checked = 0
        for (entry, next) in zip(batches, batches.dropFirst())
        where entry.recordedAt < next.recordedAt {
            let answer = try await reader.readModels.products(asOf: .time(entry.recordedAt))
            #expect(answer.position == entry.position)
            checked += 1
        }
        #expect(checked > 20)
        let before = try await reader.readModels.products(
            asOf: .time(Instant(microseconds: 0)))
        #expect(before.position == .start)
        #expect(before.value.isEmpty)
    }

    @Test
    func
        `given a position beyond the end, when asked as of it, then the end is told`()
        async throws
    {
        let (store, _) = try await filledStore()
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        let wanted = reader.head.advanced(by: 1)
        let error = await failure(of: SelectorError.self) {
            try await reader.readModels.products(asOf: .position(wanted))
        }
        #expect(error?.code == .beyondHead)
        #expect(error?.reached == reader.head)
    }

    @Test
    func
        `given damaged, cut and empty copies, when asked as of then, they are passed over`()
        async throws
    {
        let (store, available) = try await filledStore()
        let folder = store.configuration.directory + "/read-models/checkpoints"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0.hasPrefix("inventory.") }
        #expect(files.count >= 3)
        for (index, file) in files.enumerated() {
            let url = URL(fileURLWithPath: folder + "/" + file)
            var bytes = [UInt8](try Data(contentsOf: url))
            switch index % 3 {
            case 0: for place in 4_096..<min(bytes.count, 8_192) { bytes[place] = 0xA5 }
            case 1: bytes = Array(bytes.prefix(bytes.count / 2))
            default: bytes = []
            }
            try Data(bytes).write(to: url)
        }
        let reader = try DaybookReader.open(directory: store.configuration.directory)
        for (position, units) in available {
            let answer = try await reader.readModels.availability(
                sku: SKU(rawValue: "A")!, asOf: .position(position))
            #expect(answer.value.available == units, "as of \(position)")
        }
    }
}

/// What `body` throws, if it is of this type.
private func failure<Failure: Error, Value>(
    of type: Failure.Type, _ body: () async throws -> Value
) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? Failure
    }
}

/// A small repeatable source of choices.
struct Lottery {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
