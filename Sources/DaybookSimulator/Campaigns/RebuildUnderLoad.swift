internal import DaybookCore
internal import DaybookDecisions
internal import DaybookEngine
internal import DaybookProjections
internal import Dispatch
internal import Synchronization

/// Rebuilds read models of a real store while commands go on and questions are asked.
///
/// Readers ask first without a rebuild, then beside one; the longest question of each stretch is told, so
/// that what a shared machine costs can be told from what a rebuild costs.
package struct RebuildUnderLoad: Sendable {
    package struct Outcome: Sendable {
        package var commandCount = 0
        package var questionCount = 0
        package var rebuildCount = 0
        package var rebuildSeconds = 0.0
        /// The longest question, in microseconds, without a rebuild and beside one.
        package var longestAlone: Int64 = 0
        package var longestBeside: Int64 = 0
        /// The longest that the commit of one command took beside a rebuild.
        package var longestCommand: Int64 = 0
        /// What did not hold; empty when everything did.
        package var problems: [String] = []
    }

    private let configuration: DaybookConfiguration
    private let seconds: Double

    /// - Parameters:
    ///   - directory: a store with products and orders, which gets stock receipts.
    ///   - seconds: of load without a rebuild; beside rebuilds it goes on for as long, and until one is
    ///     done.
    package init(directory: String, seconds: Double) {
        configuration = DaybookConfiguration(directory: directory)
        self.seconds = seconds
    }

    package func run() async throws -> Outcome {
        let daybook = try await Daybook.open(configuration)
        try await daybook.waitForProjections()
        let products = try await daybook.readModels.products(limit: 100).value.map(\.sku)
        guard let first = products.first, let sku = SKU(rawValue: first) else {
            throw DaybookError(.invalidRequest, "the store has no products to work with")
        }
        let board = LoadBoard()
        let outcome = try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await write(
                        products[number % products.count], to: daybook, board)
                }
            }
            for number in 0..<2 {
                group.addTask { try await read(UInt64(number), sku, from: daybook, board) }
            }
            let reports: [ProjectionRebuild.Report]
            let rebuildSeconds: Double
            do {
                try await Task.sleep(for: .seconds(seconds))
                board.isRebuilding = true
                (reports, rebuildSeconds) = try await rebuild()
            } catch {
                board.isOver = true
                throw error
            }
            board.isOver = true
            try await group.waitForAll()
            var outcome = board.outcome
            outcome.rebuildCount = reports.count
            outcome.rebuildSeconds = rebuildSeconds
            for report in reports where report.isEqual != true || !report.isPublished {
                outcome.problems.append("\(report.name) was not equal at \(report.comparedAt)")
            }
            return outcome
        }
        try await daybook.waitForProjections()
        try await daybook.close()
        return try check(outcome)
    }

    /// Rebuilds all models again and again, on a thread of its own.
    private func rebuild() async throws -> ([ProjectionRebuild.Report], Double) {
        let configuration = configuration
        let seconds = seconds
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "rebuild").async {
                let start = ContinuousClock.now
                continuation.resume(
                    with: Result {
                        var reports: [ProjectionRebuild.Report] = []
                        repeat {
                            reports += try ProjectionRebuild.rebuild(
                                ReadModelName.allCases, of: configuration
                            ) { _, _ in true }
                        } while start.duration(to: .now) < .seconds(seconds)
                        return (reports, start.duration(to: .now) / .seconds(1))
                    })
            }
        }
    }

    private func write(_ sku: String, to daybook: Daybook, _ board: LoadBoard) async throws {
        while !board.isOver {
            let start = ContinuousClock.now
            _ = try await daybook.execute(
                .receiveStock(ReceiveStock(sku: sku, quantity: 1)), as: .system)
            board.noteCommand(start.duration(to: .now))
        }
    }

    private func read(
        _ seed: UInt64, _ sku: SKU, from daybook: Daybook, _ board: LoadBoard
    ) async throws {
        let models = daybook.readModels
        let newest = try await models.orders(limit: 1).value.items.first
        var number = seed
        while !board.isOver {
            try await timed(board) { _ = try await models.orders(limit: 20) }
            try await timed(board) { _ = try await models.availability(sku: sku) }
            if let newest {
                number = (number &* 6_364_136_223_846_793_005 &+ 1) >> 1
                let wanted = 1 + number % newest.orderNumber
                try await timed(board) { _ = try await models.order(orderNumber: wanted) }
            }
            // Answers need no waiting, so nobody else would get this thread.
            await Task.yield()
        }
    }

    private func timed(_ board: LoadBoard, _ ask: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        try await ask()
        board.noteQuestion(start.duration(to: .now))
    }

    /// Afterwards, with nobody at work, what is live must be what the events project to.
    private func check(_ outcome: Outcome) throws -> Outcome {
        var outcome = outcome
        let last = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: configuration
        ) { _, _ in true }
        for report in last where report.isEqual != true {
            outcome.problems.append("\(report.name) differs after the load")
        }
        if outcome.questionCount == 0 || outcome.commandCount == 0 {
            outcome.problems.append("there was no load")
        }
        return outcome
    }
}

/// What writers and readers tell each other.
private final class LoadBoard: Sendable {
    private struct State {
        var outcome = RebuildUnderLoad.Outcome()
        var isRebuilding = false
        var isOver = false
    }

    private let state = Mutex(State())

    var isOver: Bool {
        get { state.withLock { $0.isOver } }
        set { state.withLock { $0.isOver = newValue } }
    }

    var isRebuilding: Bool {
        get { state.withLock { $0.isRebuilding } }
        set { state.withLock { $0.isRebuilding = newValue } }
    }

    var outcome: RebuildUnderLoad.Outcome { state.withLock { $0.outcome } }

    func noteCommand(_ duration: Duration) {
        state.withLock { state in
            state.outcome.commandCount += 1
            guard state.isRebuilding else { return }
            state.outcome.longestCommand = max(
                state.outcome.longestCommand, Int64(duration / .microseconds(1)))
        }
    }

    func noteQuestion(_ duration: Duration) {
        let microseconds = Int64(duration / .microseconds(1))
        state.withLock { state in
            state.outcome.questionCount += 1
            if state.isRebuilding {
                state.outcome.longestBeside = max(state.outcome.longestBeside, microseconds)
            } else {
                state.outcome.longestAlone = max(state.outcome.longestAlone, microseconds)
            }
        }
    }
}
