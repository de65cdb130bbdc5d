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
            was never met; some thousand histories are needed to meet all. The last line is JSON and says \
            how often each came up.
            """)

    @Option(help: "At least so many simulated histories.")
    var histories = 1_000_000

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: "Runs this one world of 64 histories, and no real race.")
    var world: UInt64?

    @Option(help: "Rounds of tasks that really race.")
    var races = 4

    func run() async throws {
        if let world {
            let outcome = ConditionHistories(world: world, seed: seed).run()
            tell(outcome)
            if outcome.failure != nil { throw ExitCode(1) }
            return
        }
        let outcome = ConditionHistories(
            histories: histories, seed: seed, threads: ProcessInfo.processInfo.activeProcessorCount
        ).run()
        tell(outcome)
        var isOK = outcome.failure == nil
        for round in 0..<races where isOK {
            isOK = try await race(Chance.seed(seed, UInt64(round), 0x0DCB))
        }
        let missing = outcome.situations.neverReached
        for name in missing { print("never reached: \(name)") }
        isOK = isOK && missing.isEmpty && outcome.historyCount >= histories
        print(ConditionsCommand.bar(outcome, isOK: isOK))
        if !isOK { throw ExitCode(1) }
    }

    private static func bar(_ outcome: ConditionHistories.Outcome, isOK: Bool) -> String {
        let rows = outcome.situations.table.map { "\"\($0.name)\":\($0.count)" }
        return "{\"bar\":\"10\",\"ok\":\(isOK),\"histories\":\(outcome.historyCount),"
            + "\"seconds\":\(Int(outcome.seconds.rounded(.up))),"
            + "\"rows\":{\(rows.joined(separator: ","))}}"
    }

    private func tell(_ outcome: ConditionHistories.Outcome) {
        if let failure = outcome.failure {
            print("world \(failure.world): \(failure.description)")
            print("repeat it: daybook-simulate conditions --seed \(seed) --world \(failure.world)")
        }
        let perSecond = Int(Double(outcome.historyCount) / max(outcome.seconds, 0.001))
        print(
            "\(outcome.historyCount) histories, \(outcome.stepCount) steps, "
                + "\(perSecond) histories a second, \(Int(outcome.seconds)) s")
    }

    /// - Returns: whether every answer is justified and every kind of race was met.
    private func race(_ seed: UInt64) async throws -> Bool {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-conditions-\(getpid())-\(seed)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let outcome = try await ConditionRaces(directory: directory, seed: seed).run()
        for problem in outcome.problems.prefix(5) { print(problem) }
        for name in outcome.neverReached { print("never reached: \(name)") }
        guard outcome.problems.isEmpty, outcome.neverReached.isEmpty else {
            print("repeat it: daybook-simulate conditions --histories 10000 --seed \(self.seed)")
            return false
        }
        print(
            "race: \(outcome.appendCount) appends, \(outcome.conflictCount) conflicts "
                + "(\(outcome.racedConflictCount) with events after the read), "
                + "\(outcome.duelCount) duels, \(outcome.repeatedKeyCount) repeated keys, "
                + "\(outcome.segmentCount) segments: every answer is justified")
        return true
    }
}
