import ArgumentParser
import DaybookSimulator
import Foundation

/// `daybook-simulate conditions`
struct ConditionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conditions",
        abstract: "Runs random histories of racing conditional appends against a model.",
        discussion: """
            daybook-simulate conditions --histories 1000000 --seed 1
            daybook-simulate conditions --seed 1 --world 815

            First simulated writers, interleaved by the seed; then tasks that really race on a real \
            directory. Fails when an answer differs from the model's, and when a row of the contract \
            was never met. The last line of a failure says how to repeat it.
            """)

    @Option(help: "At least so many simulated histories.")
    var histories = 1_000_000

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: "Runs this one world of 64 histories, and no real race.")
    var world: UInt64?

    @Option(help: "Rounds of tasks that really race.")
    var races = 4

    @Flag(help: "Print how often each row of the contract came up.")
    var situations = false

    func run() async throws {
        if let world { return try tell(ConditionHistories(world: world, seed: seed).run()) }
        let outcome = ConditionHistories(
            histories: histories, seed: seed, threads: ProcessInfo.processInfo.activeProcessorCount
        ).run()
        try tell(outcome)
        for round in 0..<races { try await race(Chance.seed(seed, UInt64(round), 0x0DCB)) }
        // A handful of histories cannot meet everything.
        let missing = histories >= 10_000 ? outcome.situations.neverReached : []
        for name in missing { print("never reached: \(name)") }
        guard missing.isEmpty else { throw ExitCode(1) }
    }

    private func tell(_ outcome: ConditionHistories.Outcome) throws {
        if situations {
            for (name, count) in outcome.situations.table { print("\(count)\t\(name)") }
        }
        if let failure = outcome.failure {
            print("world \(failure.world): \(failure.description)")
            print("repeat it: daybook-simulate conditions --seed \(seed) --world \(failure.world)")
            throw ExitCode(1)
        }
        let perSecond = Int(Double(outcome.historyCount) / max(outcome.seconds, 0.001))
        print(
            "\(outcome.historyCount) histories, \(outcome.stepCount) steps, "
                + "\(outcome.situations.counts.count) of \(ConditionSituation.allCases.count) "
                + "situations, \(perSecond) histories a second, \(Int(outcome.seconds)) s")
    }

    private func race(_ seed: UInt64) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-conditions-\(getpid())-\(seed)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let outcome = try await ConditionRaces(directory: directory, seed: seed).run()
        for problem in outcome.problems.prefix(5) { print(problem) }
        for name in outcome.neverReached { print("never reached: \(name)") }
        guard outcome.problems.isEmpty, outcome.neverReached.isEmpty else {
            print("repeat it: daybook-simulate conditions --histories 1 --seed \(self.seed)")
            throw ExitCode(1)
        }
        print(
            "race: \(outcome.appendCount) appends, \(outcome.conflictCount) conflicts "
                + "(\(outcome.racedConflictCount) with events after the read), "
                + "\(outcome.duelCount) duels, \(outcome.repeatedKeyCount) repeated keys, "
                + "\(outcome.segmentCount) segments: every answer is justified")
    }
}
