import ArgumentParser
import DaybookCore
import DaybookSimulator
import Dispatch
import Foundation
import Synchronization

/// `daybook-simulate run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the simulated world for a range of seeds and judges every crash point.",
        discussion: """
            daybook-simulate run --seeds 1..2000
            daybook-simulate run --seconds 60 --require-all

            A failure is made small and written to a file; the last line says how to replay it.
            """)

    @Option(help: "The seeds, as A..B, both inclusive.")
    var seeds: SeedRange?

    @Option(help: "Instead of an end: as many seeds as so many seconds allow.")
    var seconds: Double?

    @Option(help: "Where a failing run is written.")
    var failureFile = "simulation-failure.json"

    @Option(help: "A folder of recorded runs; they are replayed first.")
    var corpus = "Tests/DaybookSimulatorTests/Corpus"

    @Option(help: .hidden)
    var plant: PlantedBug?

    @Flag(help: "Fail when a rare situation was never reached.")
    var requireAll = false

    @Flag(help: "Print how often each rare situation came up.")
    var situations = false

    @Flag(help: "The figures as one JSON object on the last line.")
    var json = false

    func run() throws {
        try replayCorpus()
        if plant != nil { PlantedBug.plant(plant) }
        let range = seeds ?? SeedRange(first: 1, last: seconds == nil ? 1_000 : .max)
        let campaign = LogCampaign(
            seeds: range.first...range.last, seconds: seconds,
            threads: ProcessInfo.processInfo.activeProcessorCount)
        let outcome = campaign.run()
        let report = outcome.report
        if situations {
            for (name, count) in report.situations.table { print("\(count)\t\(name)") }
        }
        let missing = requireAll ? report.situations.neverReached : []
        for name in missing { print("never reached: \(name)") }
        print(outcome.summary)
        if let failure = outcome.failure {
            try tell(failure)
            throw ExitCode(1)
        }
        if json { print(outcome.json(isComplete: missing.isEmpty)) }
        if !missing.isEmpty { throw ExitCode(1) }
    }

    /// What was found once is looked at first.
    private func replayCorpus() throws {
        for name in try LogScenario.files(in: corpus) {
            guard let failure = try LogScenario(file: name).replay() else { continue }
            print("\(name): \(failure.violation)")
            print("repeat it: daybook-simulate replay --trace \(name)")
            throw ExitCode(1)
        }
    }

    private func tell(_ failure: LogCampaign.Failure) throws {
        try failure.scenario.write(to: failureFile)
        print("seed \(failure.seed): \(failure.violation)")
        print("options: \(failure.scenario.options)")
        print("made small: \(failure.scenario.choiceCount) choices; \(failure.scenario.violation)")
        print("repeat it: daybook-simulate replay \(failureFile)")
    }
}

/// `A..B`
struct SeedRange: ExpressibleByArgument {
    var first: UInt64
    var last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
        guard let first = parts.first.flatMap({ UInt64($0) }),
            let last = parts.count == 1 ? first : parts.last.flatMap({ UInt64($0) }),
            parts.count <= 2, first <= last
        else { return nil }
        self.init(first: first, last: last)
    }
}
