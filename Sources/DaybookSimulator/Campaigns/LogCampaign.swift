import Dispatch
import Synchronization

/// Many seeds of ``LogWorld`` on several threads, each world on one of them.
package struct LogCampaign: Sendable {
    package struct Failure: Sendable {
        package var seed: UInt64
        package var violation: Violation
        /// Made small.
        package var scenario: LogScenario
    }

    package struct Outcome: Sendable {
        package var report = LogWorldReport()
        package var seedCount = 0
        package var repeatedSeedCount = 0
        package var seconds = 0.0
        package var failure: Failure?
    }

    private let seeds: ClosedRange<UInt64>
    private let seconds: Double?
    private let threads: Int

    /// One of so many seeds runs twice, and must do the same both times.
    private static let repetition: UInt64 = 100

    package init(seeds: ClosedRange<UInt64>, seconds: Double? = nil, threads: Int = 1) {
        self.seeds = seeds
        self.seconds = seconds
        self.threads = threads
    }

    /// Runs until the seeds or the seconds are used up, or a promise was not kept.
    package func run() -> Outcome {
        let start = DispatchTime.now()
        @Sendable func elapsed() -> Double {
            Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        }
        let next = Atomic<UInt64>(seeds.lowerBound)
        let outcome = Mutex(Outcome())
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var mine = Outcome()
            while mine.failure == nil, outcome.withLock({ $0.failure == nil }) {
                if let seconds, elapsed() >= seconds { break }
                let (seed, _) = next.wrappingAdd(1, ordering: .relaxed)
                guard seeds.contains(seed) else { break }
                run(LogSeed(seed), &mine)
            }
            let result = mine
            outcome.withLock { $0.merge(result) }
        }
        var result = outcome.withLock { $0 }
        result.seconds = elapsed()
        return result
    }

    private func run(_ seed: LogSeed, _ outcome: inout Outcome) {
        do throws(SimulationFailure) {
            let isRepeated = seed.seed % LogCampaign.repetition == 0
            outcome.report.merge(isRepeated ? try seed.runTwice() : try seed.run())
            outcome.seedCount += 1
            outcome.repeatedSeedCount += isRepeated ? 1 : 0
        } catch {
            let scenario = LogScenario(
                violation: error.violation.description, options: seed.options, failure: error)
            var shrinker = LogShrinker(scenario, kind: error.violation.kind)
            outcome.failure = Failure(
                seed: seed.seed, violation: error.violation, scenario: shrinker.shrink())
        }
    }
}

extension LogCampaign.Outcome {
    fileprivate mutating func merge(_ other: LogCampaign.Outcome) {
        report.merge(other.report)
        seedCount += other.seedCount
        repeatedSeedCount += other.repeatedSeedCount
        failure = failure ?? other.failure
    }

    package var summary: String {
        let perMinute = Int(Double(report.crashPoints) / max(seconds, 0.001) * 60)
        return "\(seedCount) seeds (\(repeatedSeedCount) run twice), \(report.steps) steps, "
            + "\(report.batches) batches, \(report.crashPoints) crash points "
            + "(\(perMinute) a minute), \(report.recoveries) recoveries, "
            + "\(report.damagedImages) damaged images, \(report.refusals) refusals, "
            + "\(report.situations.counts.count) of \(LogSituation.allCases.count) situations, "
            + "\(Int(seconds)) s"
    }

    /// One object on one line.
    package func json(isComplete: Bool) -> String {
        let perMinute = Int(Double(report.crashPoints) / max(seconds, 0.001) * 60)
        return "{\"bar\":\"1\",\"ok\":\(failure == nil && isComplete),\"seeds\":\(seedCount),"
            + "\"repeated\":\(repeatedSeedCount),\"crash_points\":\(report.crashPoints),"
            + "\"crash_points_per_minute\":\(perMinute),\"recoveries\":\(report.recoveries),"
            + "\"damaged_images\":\(report.damagedImages),\"refusals\":\(report.refusals),"
            + "\"situations\":\(report.situations.counts.count),"
            + "\"situations_listed\":\(LogSituation.allCases.count),"
            + "\"seconds\":\(Int(seconds))}"
    }
}
