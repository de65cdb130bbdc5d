import ArgumentParser
import DaybookCore
import DaybookSimulator

/// Runs simulated stores until one fails or the seeds are used up.
struct StoreRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Run the whole engine in simulated stores.")

    @Argument(help: "The first seed and the last one: 1..1000.")
    var seeds: String

    @Option(help: "Make this known mistake, or all, one after another (debug builds only).")
    var bug: String?

    @Flag(help: "Tell how often each rare situation came up.")
    var situations = false

    /// Each mistake of the engine must be found within a minute.
    private func huntAll() throws {
        var isMissed = false
        for bug in StoreCampaign.bugs {
            guard let find = StoreCampaign.hunt(bug, seconds: 60) else {
                print("\(bug.rawValue)\tnot found in 60 s")
                isMissed = true
                continue
            }
            let tenths = Int(find.seconds * 10)
            print(
                "\(bug.rawValue)\t\(tenths / 10).\(tenths % 10) s\tseed \(find.seed)\t"
                    + find.failure.violation.promise.rawValue)
        }
        if isMissed { throw ExitCode(1) }
    }

    func run() throws {
        let bounds = seeds.split(separator: ".", omittingEmptySubsequences: true).compactMap {
            UInt64($0)
        }
        guard let first = bounds.first, let last = bounds.last, first <= last, bounds.count <= 2
        else { throw ValidationError("give seeds as FIRST..LAST, not '\(seeds)'") }
        if bug == "all" { return try huntAll() }
        if let bug {
            guard let planted = PlantedBug(rawValue: bug) else {
                throw ValidationError("there is no planted bug '\(bug)'")
            }
            PlantedBug.plant(planted)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = StoreCampaign.run(first...last)
        let seconds = (clock.now - start) / .seconds(1)
        let report = outcome.report
        print(
            "runs \(report.runs)  requests \(report.requests)  acknowledged \(report.acknowledged)",
            " crashes \(report.crashes)  recoveries \(report.recoveries)  steps \(report.steps)",
            " runs/min \(Int(Double(report.runs) / seconds * 60))")
        if situations {
            for (name, count) in report.situations.table { print(count, name, separator: "\t") }
        }
        if let (seed, failure) = outcome.failure {
            print("seed \(seed) failed after \(seconds) s: \(failure)")
            throw ExitCode(1)
        }
        guard outcome.differing.isEmpty else {
            print("seeds \(outcome.differing) left other traces when they were run again")
            throw ExitCode(1)
        }
    }
}
