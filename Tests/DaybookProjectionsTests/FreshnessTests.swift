import DaybookCore
import DaybookDecisions
import DaybookProjections
import Glibc
import Synchronization
import Testing

@Suite struct `Freshness` {
    private static func history(orders: UInt64) -> History {
        var history = History()
        for number in 1...orders { history.record(Event.bookSold(number)) }
        return history
    }

    @Test
    func `given a model that is behind, when nothing comes in time, then both positions are told`()
        async throws
    {
        let bench = try ShopBench(Self.history(orders: 1), [.orders])
        let counter = PauseCounter()
        let models = ReadModels(
            directory: bench.folder.path, patience: .milliseconds(50)
        ) { _ in counter.count() }
        let error = await #expect(throws: SelectorError.self) {
            try await models.dashboard(user: Cast.ada, atLeast: LogPosition(rawValue: 3))
        }
        #expect(error?.code == .notYet)
        #expect(error?.wanted == LogPosition(rawValue: 3))
        #expect(error?.reached == LogPosition(rawValue: 2))
        #expect(
            error?.message == "read model 'orders' is at position 2, 3 was asked for")
        #expect(counter.value == 5)
    }

    @Test
    func `given an answer that broke off in the middle of its rows, then the next one is of today`()
        async throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let steps = StepwiseProjection(Self.history(orders: 2), at: path)
        try steps.next()
        let file = try ReadModelFile.open(.orders, at: path)
        try file.run("UPDATE stored_orders SET lines = '['")
        try file.close()
        let models = ReadModels(directory: folder.path)
        let error = await #expect(throws: SelectorError.self) {
            try await models.order(orderNumber: 1)
        }
        #expect(error?.code == .unavailable)
        try steps.next()
        #expect(try models.position(of: .orders) == LogPosition(rawValue: 4))
        models.close()
    }

    @Test func `given questions at once, when the model comes forward, then all see it`()
        async throws
    {
        let folder = TestFolder()
        let steps = StepwiseProjection(
            Self.history(orders: 3), at: folder.file("orders.sqlite"))
        try steps.next()
        let models = ReadModels(directory: folder.path)
        for number in 1...3 as ClosedRange<UInt64> {
            let found = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        try await models.order(orderNumber: number).value.order.summary.orderNumber
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found == Array(repeating: number, count: 32))
            steps.nextIfAny()
        }
        models.close()
    }

    @Test func `given a model of another process, when it comes forward, then polling sees it`()
        async throws
    {
        let history = Self.history(orders: 2)
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let steps = StepwiseProjection(history, at: path)
        try steps.next()
        let models = ReadModels(directory: folder.path) { _ in steps.nextIfAny() }
        let answer = try await models.userActiveOrders(
            user: Cast.ada, atLeast: LogPosition(rawValue: 4))
        #expect(answer.value.map(\.summary.orderNumber) == [2, 1])
        #expect(answer.position == LogPosition(rawValue: 4))
        models.close()
    }

    @Test
    func `given a board, when the position is published, then the waiting question is answered`()
        async throws
    {
        let history = Self.history(orders: 2)
        let folder = TestFolder()
        let steps = StepwiseProjection(history, at: folder.file("orders.sqlite"))
        try steps.next()
        let board = PositionBoard { _ in try? await Task.sleep(for: .seconds(60)) }
        let models = ReadModels(directory: folder.path, signal: board)
        async let asked = models.userActiveOrders(
            user: Cast.ada, atLeast: LogPosition(rawValue: 4))
        try steps.next()
        board.publish(.users, at: LogPosition(rawValue: 4))
        board.publish(.orders, at: LogPosition(rawValue: 4))
        let answer = try await asked
        #expect(answer.position == LogPosition(rawValue: 4))
        models.close()
    }

    @Test
    func `given a board, when somebody waits, then the projectors are told; else they are not`()
        async throws
    {
        let bench = try ShopBench(Self.history(orders: 1), [.orders])
        let board = PositionBoard { _ in }
        let counter = PauseCounter()
        board.whenAwaited { counter.count() }
        let models = ReadModels(directory: bench.folder.path, signal: board)
        _ = try await models.orders(atLeast: LogPosition(rawValue: 2))
        #expect(counter.value == 0)
        board.publish(.orders, at: LogPosition(rawValue: 3))
        await board.wait(
            for: .orders, toReach: LogPosition(rawValue: 3), atMost: .seconds(60))
        #expect(counter.value == 0)
        let hurried = PositionBoard()
        hurried.whenAwaited { hurried.publish(.orders, at: LogPosition(rawValue: 4)) }
        await hurried.wait(
            for: .orders, toReach: LogPosition(rawValue: 4), atMost: .seconds(60))
        models.close()
    }

    @Test func `given a board, when the time is up at once, then the question ends with not yet`()
        async throws
    {
        let bench = try ShopBench(Self.history(orders: 1), [.orders])
        let board = PositionBoard { _ in }
        let models = ReadModels(directory: bench.folder.path, signal: board)
        for _ in 0..<100 {
            let error = await #expect(throws: SelectorError.self) {
                try await models.orders(atLeast: LogPosition(rawValue: 3))
            }
            #expect(error?.code == .notYet)
        }
    }

    @Test func `given a position that is there, when asked for, then nobody waits`() async throws {
        let bench = try ShopBench(Self.history(orders: 1), [.orders])
        let models = ReadModels(directory: bench.folder.path) { _ in
            Issue.record("it waited")
        }
        let answer = try await models.orders(atLeast: LogPosition(rawValue: 2))
        #expect(answer.value.items.count == 1)
    }

    @Test func `54 given no file, when asked, then the model is unavailable until it is there`()
        async throws
    {
        let folder = TestFolder()
        let models = ReadModels(directory: folder.path)
        let error = await #expect(throws: SelectorError.self) { try await models.orders() }
        #expect(error?.code == .unavailable)
        try ReadModelName.orders.project(Self.history(orders: 1), into: folder)
        #expect(try await models.orders().value.items.count == 1)
        models.close()
    }

    @Test func `54 given a damaged file, when asked, then the model is unavailable`() async throws {
        let folder = TestFolder()
        RawFile.write([UInt8](repeating: 7, count: 9_999), to: folder.file("orders.sqlite"))
        let models = ReadModels(directory: folder.path)
        let error = await #expect(throws: SelectorError.self) { try await models.orders() }
        #expect(error?.code == .unavailable)
    }

    @Test
    func `given a reader, when a rebuilt file is swapped in, then the next answer is from it`()
        async throws
    {
        let folder = TestFolder()
        let short = Self.history(orders: 1)
        let long = Self.history(orders: 3)
        let path = try ReadModelName.orders.project(short, into: folder)
        let models = ReadModels(directory: folder.path)
        #expect(try await models.orders().position == LogPosition(rawValue: 2))

        let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: History.logID)
        try rebuild.feed(long.batches, checkpoint: long.end)
        _ = try rebuild.finish()
        #expect(try await models.orders().position == LogPosition(rawValue: 2))
        try rebuild.publish()
        let answer = try await models.orders()
        #expect(answer.position == LogPosition(rawValue: 6))
        #expect(answer.value.items.count == 3)
        models.close()
    }

    @Test func `given a writer at work, when readers ask, then every answer is one whole moment`()
        async throws
    {
        let history = Self.history(orders: 60)
        let folder = TestFolder()
        let steps = StepwiseProjection(history, at: folder.file("orders.sqlite"))
        try steps.next()
        let models = ReadModels(directory: folder.path)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { while steps.nextIfAny() {} }
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<40 {
                        do {
                            let answer = try await models.orders(limit: 100)
                            // Two events an order: rows and position belong together.
                            #expect(
                                answer.position.rawValue == UInt64(answer.value.items.count) * 2)
                        } catch {
                            Issue.record("\(error)")
                        }
                    }
                }
            }
        }
        models.close()
    }

    /// Root may write into any folder, so what a read-only one refuses, the shared-memory file, is
    /// made impossible by a folder of its name.
    @Test func `given no right to make files, when asked, then the file is read as it is`()
        async throws
    {
        let bench = try ShopBench(Self.history(orders: 2), [.orders])
        mkdir(bench.folder.file("orders.sqlite-shm"), 0o700)
        let models = ReadModels(directory: bench.folder.path)
        #expect(try await models.orders().value.items.count == 2)
        models.close()
    }
}

/// Counts how often something paused.
private final class PauseCounter: Sendable {
    private let pauses = Atomic(0)
    var value: Int { pauses.load(ordering: .relaxed) }
    func count() { pauses.add(1, ordering: .relaxed) }
}

/// Projects a history batch by batch, each step with the file opened and closed, as another process
/// would.
private final class StepwiseProjection: Sendable {
    private let history: History
    private let path: String
    private let done = Mutex(0)

    init(_ history: History, at path: String) {
        self.history = history
        self.path = path
    }

    func next() throws {
        try done.withLock { done in
            let file =
                try done == 0
                ? ReadModelFile.create(.orders, at: path, logID: History.logID)
                : ReadModelFile.open(.orders, at: path)
            let projector = try OrdersProjector(file: file)
            try projector.project(
                [history.batches[done]], checkpoint: history.checkpoint(afterBatches: done + 1))
            try projector.close()
            done += 1
        }
    }

    @discardableResult
    func nextIfAny() -> Bool {
        guard done.withLock({ $0 < history.batches.count }) else { return false }
        do {
            try next()
        } catch {
            Issue.record("\(error)")
        }
        return true
    }
}
