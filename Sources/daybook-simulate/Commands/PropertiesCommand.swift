import ArgumentParser
import DaybookCore
import DaybookProperties
import DaybookTestKit
import Foundation

/// `daybook-simulate properties`: the project's own properties, and the mistakes that they find.
struct PropertiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "properties",
        abstract:
            "Runs the properties of orders; with --mutants plants mistakes that they must find.",
        discussion: """
            daybook-simulate properties
            daybook-simulate properties --only P-12 --seconds 60 --seed 7
            daybook-simulate properties --mutants --table Documentation/Properties/mutants.md

            Without options every property runs a fixed number of cases from a fixed seed. --mutants needs a \
            debug build: a release build does not contain the mistakes. Exit code 1 when a property does \
            not hold, a mistake is not found or its smallest case is too large.
            """)

    @Option(help: "Only properties with this in their name.")
    var only = ""

    @Option(help: "How long each property is run, instead of a fixed number of cases.")
    var seconds: Double?

    @Option(help: "The seed of all properties, instead of one from each name.")
    var seed: UInt64?

    @Flag(help: "Plant mistakes, one after another, and look for a property that finds each.")
    var mutants = false

    @Option(help: "Only this mistake; may be given several times.")
    var mutant: [String] = []

    @Option(help: "The table of mistakes and killers: what is found must be what it says.")
    var table: String?

    @Flag(help: "Write the table anew.")
    var write = false

    @Flag(help: "Show the smallest case of each mistake.")
    var cases = false

    @Option(help: "Processes at a time.")
    var jobs = 2

    @Option(help: .hidden)
    var hunt: String?

    @Option(help: .hidden)
    var suspect: String?

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("1 to 64 jobs") }
        guard !(mutants && seconds != nil), seconds ?? 1 > 0 else {
            throw ValidationError("more than 0 seconds, and not with --mutants")
        }
        guard !mutants || Mutant.isCompiledIn else {
            throw ValidationError(
                "this is a release build, which contains no mistakes; use a debug build: "
                    + "swift run daybook-simulate properties --mutants")
        }
    }

    func run() throws {
        if let hunt { return try child(hunt) }
        let start = ContinuousClock.now
        let reports = runProperties()
        let failed = reports.filter { !$0.hasHeld }
        var line: [String] = [
            "\"properties\":\(reports.count)", "\"held\":\(reports.count - failed.count)",
            "\"cases\":\(reports.reduce(0) { $0 + $1.cases })",
        ]
        var isOK = failed.isEmpty && !reports.isEmpty
        if mutants {
            let hunt = try huntMutants()
            isOK = isOK && hunt.isOK
            line += hunt.figures
        }
        let total = (ContinuousClock.now - start) / .seconds(1)
        line.append("\"seconds\":\(String(format: "%.1f", total))")
        print("{\"bar\":\"properties\",\"ok\":\(isOK),\(line.joined(separator: ","))}")
        if !isOK { throw ExitCode(1) }
    }

    private func runProperties() -> [PropertyReport] {
        let chosen = OrderProperties.all.filter { only.isEmpty || $0.name.contains(only) }
        return chosen.map { property in
            var options = property.options
            if let seconds {
                options.cases = .max
                options.budget = .seconds(seconds)
            }
            if let seed { options.seed = seed }
            let report = property.property.run(options)
            print(report.hasHeld ? report.description.prefixLine : report.description)
            fflush(nil)
            return report
        }
    }
}

extension String {
    /// The first line.
    fileprivate var prefixLine: Substring { prefix { $0 != "\n" } }
}
