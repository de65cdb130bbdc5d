import DaybookCore
import DaybookDecisions
import DaybookLog
import Synchronization
import Testing

@testable import DaybookEngine

/// A store whose writer looks for single commands after every four requests of a bulk.
private struct SteppedStore {
    typealias Answers = [Result<CommandResult, DaybookError>]

    let store: TestStore
    let host = SteppedHost()
    let daybook: Daybook

    /// - Parameter change: what else is special about the store.
    init(_ change: (inout DaybookConfiguration) throws -> Void = { _ in }) throws {
        store = try TestStore()
        store.configuration.host = host
        store.configuration.reactors = .manual
        store.configuration.requestsPerSlice = 4
        try change(&store.configuration)
        let configuration = store.configuration
        daybook = try host.finish { try await Daybook.open(configuration) }
    }

    /// One with segments of 16 KiB on a disk that can fail.
    static func scarce(
        _ change: (inout DaybookConfiguration) -> Void = { _ in }
    ) throws -> (SteppedStore, ScarceStorage) {
        var scarce: ScarceStorage?
        let shop = try SteppedStore { configuration in
            configuration.directory += "-scarce"
            configuration.logOptions.firstSegmentByteCount = 16 << 10
            configuration.logOptions.segmentByteCount = 16 << 10
            configuration.logOptions.codec = .none
            try Daybook.create(configuration)
            let storage = try ScarceStorage(
                path: configuration.directory + "/log", refusing: "spare.seg", isFull: false)
            configuration.logStorage = storage
            scarce = storage
            change(&configuration)
        }
        return (shop, try #require(scarce))
    }

    /// Asks for products to be added, each with a key, and leaves the request to the writer.
    func add(_ count: Int, _ name: String) -> SteppedAnswer<Answers> {
        let daybook = daybook
        return host.begin { await daybook.executeAll(requests(count, name)) }
    }

    /// The same, and one step of the writer.
    func addAndStep(_ count: Int, _ name: String) -> SteppedAnswer<Answers> {
        defer { host.step("writer") }
        return add(count, name)
    }

    /// What is there after the store was closed and opened again.
    func reopened<Value: Sendable>(
        _ body: @escaping @Sendable (Daybook) async throws -> Value
    ) throws -> Value {
        let (daybook, configuration) = (daybook, store.configuration)
        return try host.finish {
            // After a failure it says so; the store is closed all the same.
            try? await daybook.close()
            let reopened = try await Daybook.open(configuration)
            let value = try await body(reopened)
            try await reopened.close()
            return value
        }
    }
}

private func requests(_ count: Int, _ name: String, key: String? = nil) -> [Request] {
    (0..<count).map { number in
        Request(
            [
                .addProduct(
                    AddProduct(
                        sku: "\(name)-\(number)",
                        productName: String(repeating: "long ", count: 39) + "name",
                        price: gbp(100)))
            ], as: boss, key: IdempotencyKey(rawValue: "\(key ?? name)-\(number)"))
    }
}

/// The position of each product's event; 0 for what was not added.
private func positions(_ answers: SteppedStore.Answers?) -> [UInt64]? {
    answers?.map { answer in
        guard case .success(let result) = answer else { return 0 }
        return result.positions?.lowerBound.rawValue ?? 0
    }
}

private func codes(_ answers: SteppedStore.Answers?) -> Set<String> {
    Set(
        (answers ?? []).map { answer in
            guard case .failure(let error) = answer else { return "done" }
            return error.code
        })
}

private final class Names: Sendable {
    private let names = Mutex<[String]>([])

    var all: [String] { names.withLock { $0 } }

    func append(_ name: String) { names.withLock { $0.append(name) } }
}

@Suite struct `Lanes of the writer` {
    @Test
    func `given a bulk that is being decided, when a single command comes, then it is answered`()
        throws
    {
        let shop = try SteppedStore()
        let bulk = shop.addAndStep(10, "bulk")
        let single = shop.addAndStep(1, "single")
        shop.host.step("commit")
        #expect(positions(single.value) == [5])
        #expect(bulk.value == nil)
        #expect(shop.daybook.head.rawValue == 5)
        shop.host.runAll()
        #expect(positions(bulk.value) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11])
    }

    @Test
    func
        `given a single command while a group is committed, then it goes with the next, before the bulk has ended`()
        throws
    {
        let shop = try SteppedStore()
        let bulk = shop.addAndStep(12, "bulk")
        let first = shop.addAndStep(1, "first")
        let second = shop.addAndStep(1, "second")
        shop.host.step("commit")
        #expect(positions(first.value) == [5])
        #expect(second.value == nil)
        shop.host.step("writer")
        shop.host.step("commit")
        #expect(positions(second.value) == [10])
        shop.host.runAll()
        #expect(positions(bulk.value)?.last == 14)
    }

    @Test func `given bulks and nobody else, then a round is one group, whoever asks meanwhile`()
        throws
    {
        let shop = try SteppedStore()
        let daybook = shop.daybook
        let bulks = [shop.add(10, "a"), shop.add(10, "b"), shop.add(10, "c")]
        shop.host.step("writer")
        let products = shop.host.begin { await daybook.catalogue() }
        shop.host.step("writer")
        #expect(products.value?.count == 4)
        shop.host.runLoop("writer")
        shop.host.step("commit")
        #expect(bulks.map { positions($0.value)?.last } == [10, 20, 30])
    }

    @Test func `given several calls in both lanes, then each lane keeps its order`() throws {
        let shop = try SteppedStore()
        let answers = [
            shop.add(6, "a"), shop.add(2, "b"), shop.add(6, "c"), shop.add(1, "d"),
        ]
        shop.host.runAll()
        #expect(
            answers.map { positions($0.value) } == [
                [4, 5, 6, 7, 8, 9], [1, 2], [10, 11, 12, 13, 14, 15], [3],
            ])
    }

    @Test func `given a call in parts, then its short last part overtakes no other`() throws {
        let shop = try SteppedStore()
        let daybook = shop.daybook
        let answers = shop.host.begin {
            await daybook.executeAll(requests(16, "part"), inPartsOf: 5)
        }
        shop.host.runAll()
        #expect(positions(answers.value) == Array(1...16))
    }

    @Test func `given a bulk in two groups, when the store is opened again, then it is whole`()
        throws
    {
        let shop = try SteppedStore { $0.eventsPerRunningSnapshot = 1 }
        let bulk = shop.addAndStep(10, "bulk")
        _ = shop.add(1, "single")
        shop.host.runAll()
        let answered = positions(bulk.value)
        let (isFolded, repeated) = try shop.reopened { daybook in
            (
                try await daybook.isStateEqualToFold(),
                await daybook.executeAll(requests(10, "bulk"))
            )
        }
        #expect(isFolded == true)
        #expect(positions(repeated) == answered)
        #expect(repeated.allSatisfy { (try? $0.get().isRepeat) == true })
    }

    @Test func `given a store that is closed while a bulk is half done, then all of it is durable`()
        throws
    {
        let shop = try SteppedStore()
        let bulk = shop.addAndStep(10, "bulk")
        let single = shop.addAndStep(1, "single")
        // The group of the single command is with the commit thread, the rest of the bulk with nobody.
        let count = try shop.reopened { await $0.catalogue().count }
        #expect(codes(bulk.value) == ["done"])
        #expect(codes(single.value) == ["done"])
        #expect(count == 11)
    }

    @Test
    func
        `given a bulk whose rest is refused, when closed while its beginning is committed, then it is answered behind that`()
        throws
    {
        let shop = try SteppedStore()
        _ = shop.add(4, "known")
        shop.host.runAll()
        let daybook = shop.daybook
        let answeredInOrder = Names()
        let bulk = shop.host.begin {
            let answers = await daybook.executeAll(
                requests(4, "new") + requests(4, "known", key: "again"))
            answeredInOrder.append("bulk")
            return answers
        }
        shop.host.step("writer")
        _ = shop.host.begin {
            _ = await daybook.executeAll(requests(1, "single"))
            answeredInOrder.append("single")
        }
        // Decides the rest; the group with the beginning is the commit thread's, which does nothing yet.
        shop.host.step("writer")
        #expect(daybook.head.rawValue == 4)
        _ = shop.host.begin { try? await daybook.close() }
        // The look at the state, and then the end of both loops.
        shop.host.step("writer")
        shop.host.runAll()
        #expect(answeredInOrder.all == ["single", "bulk"])
        #expect(positions(bulk.value) == [5, 6, 7, 8, 0, 0, 0, 0])
    }

    @Test
    func
        `given a snapshot of a group that ends within a bulk, when killed, then the start folds the rest`()
        throws
    {
        let shop = try SteppedStore { $0.eventsPerRunningSnapshot = 1 }
        _ = shop.addAndStep(10, "bulk")
        _ = shop.addAndStep(1, "single")
        shop.host.step("commit")
        shop.host.runAll()
        var copy = shop.store.configuration(of: try shop.store.copy(to: "killed"))
        copy.host = shop.host
        let configuration = copy
        let (from, isFolded) = try shop.host.finish {
            let daybook = try await Daybook.open(configuration)
            let found = (daybook.foldedFrom, try await daybook.isStateEqualToFold())
            try await daybook.close()
            return found
        }
        #expect(from.rawValue == 5)
        #expect(isFolded == true)
    }

    @Test
    func `given a log that fails in the middle of a bulk, then all of the bulk is unknown`() throws
    {
        let (shop, storage) = try SteppedStore.scarce()
        let bulk = shop.addAndStep(100, "bulk")
        let first = shop.addAndStep(1, "first")
        shop.host.step("commit")
        #expect(positions(first.value) == [5])
        let other = shop.add(10, "other")
        storage.isFull = true
        for _ in 0..<10 { shop.host.step("writer") }
        let second = shop.addAndStep(1, "second")
        shop.host.step("commit")
        #expect(codes(second.value) == ["outcome_unknown"])
        shop.host.runAll()
        #expect(codes(bulk.value) == ["outcome_unknown"])
        #expect(bulk.value?.count == 100)
        // Nothing of it was handed over.
        #expect(codes(other.value) == ["log_unavailable"])
        storage.isFull = false
        // The reason to say unknown: what was handed over before is there.
        let repeats = try shop.reopened { daybook in
            await daybook.executeAll(requests(100, "bulk"))
                .count { (try? $0.get().isRepeat) == true }
        }
        #expect(repeats == 4)
    }
}

@Suite struct `A caller who is alone` {
    @Test
    func `given a single command behind another one, then the writer's thread commits it`() throws {
        let shop = try SteppedStore()
        let first = shop.addAndStep(1, "first")
        #expect(first.value == nil)
        shop.host.step("commit")
        #expect(positions(first.value) == [1])
        let second = shop.addAndStep(1, "second")
        #expect(positions(second.value) == [2])
        #expect(shop.daybook.head.rawValue == 2)
        shop.host.runAll()
        #expect(try shop.reopened { await $0.catalogue().count } == 2)
    }

    @Test
    func `given several that came together before, then the next single command is handed over`()
        throws
    {
        let shop = try SteppedStore()
        let together = [shop.add(1, "a"), shop.add(1, "b")]
        shop.host.runAll()
        #expect(together.map { positions($0.value) } == [[1], [2]])
        let single = shop.addAndStep(1, "single")
        #expect(single.value == nil)
        shop.host.step("commit")
        #expect(positions(single.value) == [3])
    }

    @Test
    func `given a bulk that is being decided, then single commands are handed over`() throws {
        let shop = try SteppedStore()
        let bulk = shop.addAndStep(60, "bulk")
        for (number, name) in ["a", "b", "c"].enumerated() {
            let single = shop.addAndStep(1, name)
            #expect(single.value == nil)
            shop.host.step("commit")
            shop.host.step("writer")
            shop.host.step("commit")
            #expect(single.value != nil, "\(number)")
        }
        #expect(bulk.value == nil)
        shop.host.runAll()
        #expect(bulk.value?.count == 60)
    }

    @Test
    func
        `given a group that is still the commit thread's, when closed, then the next is behind it`()
        throws
    {
        let shop = try SteppedStore()
        let daybook = shop.daybook
        let first = shop.addAndStep(1, "first")
        let second = shop.add(1, "second")
        _ = shop.host.begin { try? await daybook.close() }
        // The command and the look at the state, and then the writer's end, which runs the other loop to its own.
        for _ in 0..<3 { shop.host.step("writer") }
        shop.host.runAll()
        #expect([first, second].map { positions($0.value) } == [[1], [2]])
        #expect(try shop.reopened { await $0.catalogue().count } == 2)
    }

    @Test
    func `given a full disk, then the group is handed over, where it waits for space`() throws {
        let (shop, storage) = try SteppedStore.scarce { $0.requestsPerSlice = 32 }
        // Less than half of the segment, so that nobody has asked for the next one yet.
        _ = shop.add(10, "first")
        shop.host.runAll()
        storage.isFull = true
        let second = shop.addAndStep(32, "second")
        #expect(second.value == nil)
        #expect(shop.daybook.head.rawValue == 10)
        #expect(codes(shop.addAndStep(1, "third").value) == ["no_space"])
        storage.isFull = false
        shop.host.step("commit")
        #expect(positions(second.value) == Array(11...42))
    }

    @Test
    func `given a sync that fails, then the outcome is unknown, and nothing more is accepted`()
        throws
    {
        let (shop, storage) = try SteppedStore.scarce()
        _ = shop.add(1, "first")
        shop.host.runAll()
        _ = shop.addAndStep(1, "second")
        storage.hasBrokenSyncs = true
        #expect(codes(shop.addAndStep(1, "third").value) == ["outcome_unknown"])
        #expect(codes(shop.addAndStep(1, "fourth").value) == ["log_unavailable"])
        #expect(shop.daybook.head.rawValue == 2)
        storage.hasBrokenSyncs = false
        // The reason to say unknown: it had been written.
        let names = try shop.reopened { daybook in
            await daybook.executeAll(requests(1, "third") + requests(1, "fourth"))
                .map { (try? $0.get().isRepeat) == true }
        }
        #expect(names == [true, false])
    }
}
