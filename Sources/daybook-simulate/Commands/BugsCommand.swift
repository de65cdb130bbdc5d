public import ArgumentParser
package import DaybookCore
import DaybookSimulator
import Foundation
import Glibc

/// `daybook-simulate bugs`: bar 7 of LOG.md.
struct BugsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bugs",
        abstract: "Plants each known mistake and checks that the simulated world catches it.",
        discussion: """
            daybook-simulate bugs
            daybook-simulate bugs --bug acknowledgeBeforeSync --shrink-seconds 10

            Needs a debug build: a release build does not contain the mistakes. Each is planted in a \
            process of its own, and small worlds are run from seed 1 on until a promise is broken. \
            The same worlds without a mistake must keep every promise. Exit code 1 when a mistake is \
            not caught in time.
            """)

    @Option(help: "Only this one; may be given several times.")
    var bug: [PlantedBug] = []

    @Option(help: "How long to look for each.")
    var seconds = 60.0

    @Option(help: "How long the worlds without a mistake are run; 0: not at all.")
    var cleanSeconds = 6.0

    @Option(help: "How long each failing run is made small; 0: not at all.")
    var shrinkSeconds = 0.0

    @Option(help: "Processes at a time.")
    var jobs = 2

    @Option(help: .hidden)
    var hunt: String?

    func validate() throws {
        guard seconds > 0, shrinkSeconds >= 0, cleanSeconds >= 0, (1...64).contains(jobs) else {
            throw ValidationError("more than 0 seconds; 1 to 64 jobs")
        }
        guard PlantedBug.isCompiledIn else {
            throw ValidationError(
                "this is a release build, which contains no planted mistakes; use a debug build: "
                    + "swift run daybook-simulate bugs")
        }
    }

    func run() throws {
        if let hunt { return try child(hunt) }
        var bugs: [PlantedBug?] =
            bug.isEmpty ? PlantedBug.allCases.filter { !$0.isOfProjectors } : bug
        if cleanSeconds > 0 { bugs.insert(nil, at: 0) }
        let hunters = BugHunters(
            jobs: jobs, seconds: seconds, cleanSeconds: cleanSeconds, shrinkSeconds: shrinkSeconds)
        let start = ContinuousClock.now
        print(BugRow.title)
        let findings = try hunters.run(bugs) { finding in
            print(BugRow.text(finding))
            fflush(nil)
        }
        let planted = findings.filter { $0.bug != nil }
        let found = planted.filter { $0.kind != nil }
        let slowest = found.map(\.seconds).max() ?? 0
        let isClean = findings.allSatisfy { $0.bug != nil || $0.kind == nil }
        for finding in planted where finding.kind == nil {
            print("NOT CAUGHT: \(finding.bug ?? "") within \(Int(finding.seconds)) s")
        }
        if !isClean { print("FALSE ALARM: a promise was broken although nothing was planted") }
        let isOK = found.count == planted.count && isClean
        let total = (ContinuousClock.now - start) / .seconds(1)
        print(
            "{\"bar\":\"7\",\"ok\":\(isOK),\"planted\":\(planted.count),\"found\":\(found.count),"
                + "\"slowest_seconds\":\(BugRow.tenths(slowest)),"
                + "\"seconds\":\(BugRow.tenths(total))}")
        if !isOK { throw ExitCode(1) }
    }

    /// Hunts for one mistake in this process and prints the finding on one line.
    private func child(_ name: String) throws {
        let planted = PlantedBug(rawValue: name)
        let budget = planted == nil ? cleanSeconds : seconds
        // A mistake may make a loop endless; nobody would come back to look at the time.
        alarm(UInt32(budget + shrinkSeconds) + 20)
        let finding = BugHunt(bug: planted, seconds: budget, shrinkSeconds: shrinkSeconds).run()
        print(String(decoding: try JSONEncoder().encode(finding), as: UTF8.self))
    }
}

extension PlantedBug: ExpressibleByArgument {}
