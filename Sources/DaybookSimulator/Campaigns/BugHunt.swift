package import DaybookCore

/// Looks for a planted mistake with small worlds (``LogSeed/init(small:)``), or with whole stores, seed
/// after seed, until a promise is broken.
///
/// Plants it for the whole process and takes it out again: nothing else may run meanwhile.
package struct BugHunt: Sendable {
    /// What a hunt found, in a form that one process can hand to another.
    package struct Finding: Hashable, Sendable, Codable {
        /// `nil`: nothing was planted.
        package var bug: String?
        /// The kind of the violation, and its message; `nil`: every promise was kept.
        package var kind: String?
        package var message: String?
        /// The seed that found it, or the last one that was tried.
        package var seed: UInt64 = 0
        package var crashPoints = 0
        package var seconds = 0.0
        /// How many choices are left after it was made small; `nil`: it was not.
        package var choices: Int?

        package init(bug: String?) { self.bug = bug }
    }

    private let bug: PlantedBug?
    private let seconds: Double
    private let shrinkSeconds: Double

    /// - Parameters:
    ///   - bug: `nil` plants nothing; then nothing must be found.
    ///   - seconds: how long to look; the seed that is running at the end of it is completed.
    ///   - shrinkSeconds: how long to make a failing run small; 0: not at all.
    package init(bug: PlantedBug?, seconds: Double, shrinkSeconds: Double = 0) {
        self.bug = bug
        self.seconds = seconds
        self.shrinkSeconds = shrinkSeconds
    }

    package func run() -> Finding {
        if let bug, StoreCampaign.bugs.contains(bug) { return huntInStores(bug) }
        PlantedBug.plant(bug)
        defer { PlantedBug.plant(nil) }
        let start = ContinuousClock.now
        var finding = Finding(bug: bug?.rawValue)
        while finding.kind == nil, finding.seconds < seconds {
            finding.seed += 1
            let seed = LogSeed(small: finding.seed)
            let world = seed.makeWorld()
            var failure: SimulationFailure?
            do throws(SimulationFailure) { try world.run() } catch { failure = error }
            finding.crashPoints += world.report.crashPoints
            finding.seconds = (ContinuousClock.now - start) / .seconds(1)
            guard let failure else { continue }
            finding.kind = failure.violation.kind.rawValue
            finding.message = failure.violation.message
            if shrinkSeconds > 0 { finding.choices = shrink(failure, of: seed).choiceCount }
        }
        return finding
    }

    /// Mistakes of the engine need whole stores.
    private func huntInStores(_ bug: PlantedBug) -> Finding {
        var finding = Finding(bug: bug.rawValue)
        guard let find = StoreCampaign.hunt(bug, seconds: seconds) else {
            finding.seconds = seconds
            return finding
        }
        finding.seed = find.seed
        finding.seconds = find.seconds
        finding.kind = find.failure.violation.promise.rawValue
        finding.message = find.failure.description
        return finding
    }

    private func shrink(_ failure: SimulationFailure, of seed: LogSeed) -> LogScenario {
        let scenario = LogScenario(
            violation: failure.violation.description, options: seed.options, failure: failure)
        var shrinker = LogShrinker(
            scenario, kind: failure.violation.kind, seconds: shrinkSeconds)
        return shrinker.shrink()
    }
}
