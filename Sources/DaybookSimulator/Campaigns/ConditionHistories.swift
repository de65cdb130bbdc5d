import DaybookCore
import Dispatch
import Synchronization

/// Random histories of writers that race with conditional appends, each answer compared with a
/// model, on several threads.
package struct ConditionHistories: Sendable {
    package struct Failure: Sendable {
        /// Of the world, which holds a few dozen histories.
        package var world: UInt64
        package var description: String
    }

    package struct Outcome: Sendable {
        package var situations = ConditionTally()
        package var historyCount = 0
        package var stepCount = 0
        package var seconds = 0.0
        package var failure: Failure?
    }

    private let worlds: Range<UInt64>
    private let seed: UInt64
    private let threads: Int

    /// - Parameters:
    ///   - histories: at least so many; worlds are run to their end.
    ///   - seed: of the whole campaign.
    package init(histories: Int, seed: UInt64, threads: Int) {
        let perWorld = ConditionWorld.historiesPerWorld
        worlds = 0..<UInt64((histories + perWorld - 1) / perWorld)
        self.seed = seed
        self.threads = threads
    }

    /// One world again.
    package init(world: UInt64, seed: UInt64) {
        worlds = world..<(world + 1)
        self.seed = seed
        threads = 1
    }

    /// Runs until the worlds are used up or an answer differs.
    package func run() -> Outcome {
        let start = DispatchTime.now()
        let next = Atomic<UInt64>(worlds.lowerBound)
        let hasFailed = Atomic<Bool>(false)
        let outcome = Mutex(Outcome())
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var mine = Outcome()
            while !hasFailed.load(ordering: .relaxed) {
                let (world, _) = next.wrappingAdd(1, ordering: .relaxed)
                guard worlds.contains(world) else { break }
                run(world, &mine)
                if mine.failure != nil { hasFailed.store(true, ordering: .relaxed) }
            }
            let result = mine
            outcome.withLock { outcome in
                outcome.situations.merge(result.situations)
                outcome.historyCount += result.historyCount
                outcome.stepCount += result.stepCount
                outcome.failure = outcome.failure ?? result.failure
            }
        }
        var result = outcome.withLock { $0 }
        result.seconds =
            Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        return result
    }

    private func run(_ number: UInt64, _ outcome: inout Outcome) {
        do {
            var world = try ConditionWorld(seed: Chance.seed(seed, number))
            try world.run()
            outcome.situations.merge(world.situations)
            outcome.historyCount += ConditionWorld.historiesPerWorld
            outcome.stepCount += world.stepCount
        } catch {
            outcome.failure = Failure(world: number, description: "\(error)")
        }
    }
}
