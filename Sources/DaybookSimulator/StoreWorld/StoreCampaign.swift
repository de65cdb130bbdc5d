package import DaybookCore
import Dispatch
import Synchronization

/// Many simulated stores, one per seed.
package enum StoreCampaign {
    package struct Outcome {
        package var report = StoreReport()
        /// The first seed that failed, and how.
        package var failure: (seed: UInt64, failure: StoreFailure)?
        /// Seeds that were run twice, and those of them whose traces differed.
        package var repeated = 0
        package var differing: [UInt64] = []

        mutating func merge(_ other: Outcome) {
            report.merge(other.report)
            failure = failure ?? other.failure
            repeated += other.repeated
            differing += other.differing
        }
    }

    /// The choices of a seed.
    package static func chance(of seed: UInt64) -> Chance {
        Chance(seed: Chance.seed(seed, 0x53_54_4F_52_45))
    }

    /// How long a planted mistake stayed hidden.
    package struct Find {
        package var seed: UInt64
        package var seconds: Double
        package var failure: StoreFailure
    }

    /// Plants a mistake (debug builds only) and runs seeds from 1 until a store suffers from it.
    ///
    /// - Returns: `nil` when it was not found in time.
    package static func hunt(_ bug: PlantedBug, seconds: Double) -> Find? {
        PlantedBug.plant(bug)
        defer { PlantedBug.plant(nil) }
        let clock = ContinuousClock()
        let start = clock.now
        func passed() -> Double { (clock.now - start) / .seconds(1) }
        let outcome = run(1...UInt64.max, repeatEvery: .max) { passed() < seconds }
        return outcome.failure.map { Find(seed: $0.seed, seconds: passed(), failure: $0.failure) }
    }

    /// The mistakes of the engine that only a whole store shows.
    package static let bugs: [PlantedBug] = [
        .answerBeforeDurable, .callBeforeDurable, .checkpointApartFromRows,
        .readModelAheadIgnored, .foreignReadModelTrusted, .newGatewayKeyOnRetry,
        .unknownTakenAsDeclined, .snapshotOfUnwrittenState, .snapshotBeforeDurable,
        .snapshotAheadOfLog, .keysNotFolded, .keyRunsNotSearched, .mailsNotInSnapshot,
        .stockKeptAfterDecline, .latePaymentIgnored, .messageTakenTwice, .transactionLeaksState,
        .addressInTheClear, .mailIDPerAttempt,
    ]

    /// Runs seeds on several threads, each world on one of them, until one fails.
    package static func run(_ seeds: ClosedRange<UInt64>, threads: Int) -> Outcome {
        let outcome = Mutex(Outcome())
        let next = Atomic<UInt64>(seeds.lowerBound)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while outcome.withLock({ $0.failure == nil }) {
                let (seed, _) = next.wrappingAdd(1, ordering: .relaxed)
                guard seeds.contains(seed) else { return }
                let one = run(seed...seed)
                outcome.withLock { $0.merge(one) }
            }
        }
        return outcome.withLock { $0 }
    }

    /// Runs seeds until one fails.
    ///
    /// - Parameters:
    ///   - repeatEvery: one of so many seeds is run twice and must leave equal traces.
    ///   - goOn: asked before every seed.
    package static func run(
        _ seeds: ClosedRange<UInt64>, repeatEvery: UInt64 = 100, goOn: () -> Bool = { true }
    ) -> Outcome {
        var outcome = Outcome()
        for seed in seeds {
            guard goOn() else { break }
            do throws(StoreFailure) {
                let report = try StoreWorld.run(chance: chance(of: seed))
                outcome.report.merge(report)
                guard seed % repeatEvery == 0 else { continue }
                outcome.repeated += 1
                if try StoreWorld.run(chance: chance(of: seed)) != report {
                    outcome.differing.append(seed)
                }
            } catch {
                outcome.failure = (seed, error)
                return outcome
            }
        }
        return outcome
    }
}
