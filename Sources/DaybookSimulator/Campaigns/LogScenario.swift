/// Everything that repeats one run of a ``LogWorld``: the form of a replay file.
package struct LogScenario: Hashable, Sendable, Codable {
    package var world = "log"
    /// What the run showed when it was kept; for people.
    package var violation: String
    package var options: LogWorldOptions
    /// Of the main line.
    package var choices: [UInt32]
    /// Where the power goes, from the main line inwards.
    package var crashes: [CrashPoint]

    package init(violation: String, options: LogWorldOptions, failure: SimulationFailure) {
        self.violation = violation
        self.options = options
        choices = failure.choices
        crashes = failure.crashes
    }

    /// How many choices the run needs.
    package var choiceCount: Int { choices.count + crashes.reduce(0) { $0 + $1.choices.count } }

    /// Runs it again.
    ///
    /// - Parameter narrator: told what happens, line by line.
    /// - Returns: the failure, or `nil` when every promise is kept.
    package func replay(narrator: ((String) -> Void)? = nil) -> SimulationFailure? {
        run(.replay(crashes), narrator)
    }

    /// Runs it with the same crash at any place of the main line.
    func search() -> SimulationFailure? { run(.search(crashes)) }

    private func run(_ plan: CrashPlan, _ narrator: ((String) -> Void)? = nil)
        -> SimulationFailure?
    {
        let world = LogWorld(options: options, chance: Chance(replaying: choices), plan: plan)
        world.narrator = narrator
        do throws(SimulationFailure) {
            try world.run()
            return nil
        } catch {
            return error
        }
    }
}

/// One seed's run of a ``LogWorld``, with options of its own.
package struct LogSeed: Sendable {
    package let seed: UInt64
    package let options: LogWorldOptions

    package init(_ seed: UInt64) {
        self.seed = seed
        options = LogWorldOptions(chance: Chance(seed: Chance.seed(seed, 1)))
    }

    /// - Throws: ``SimulationFailure`` at the first promise that was not kept.
    package func run() throws(SimulationFailure) -> LogWorldReport {
        let world = LogWorld(
            options: options, chance: Chance(seed: Chance.seed(seed, 2)),
            plan: .explore(seed: Chance.seed(seed, 3)))
        try world.run()
        return world.report
    }

    /// Runs it twice.
    ///
    /// - Throws: also when the two runs are not the same, call by call.
    package func runTwice() throws(SimulationFailure) -> LogWorldReport {
        let first = try run()
        let second = try run()
        guard first == second else {
            throw SimulationFailure(
                violation: Violation(.notDeterministic, "two runs of seed \(seed) differ"),
                choices: [])
        }
        return first
    }
}
