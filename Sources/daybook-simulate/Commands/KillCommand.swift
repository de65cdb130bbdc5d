import ArgumentParser
import DaybookLog
import DaybookSimulator
import Foundation

/// Real processes, really killed.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Kills processes that append, and checks that nothing acknowledged is lost.",
        discussion: """
            A worker process appends to a real log and says of each append what was acknowledged. \
            It is killed with SIGKILL at a random moment: while it starts, opens, recovers, appends, \
            rotates. Then the log is opened again, every acknowledged batch is looked up, keys are \
            sent again, and all bytes are verified; then the next worker starts on the same files.

            The last line of the output is one JSON object. Exit code 1: something was lost; the \
            directory is kept.
            """)

    @Option(help: "How many processes are killed.")
    var cycles = 1_000
    @Option(help: "No cycle begins after so many seconds.")
    var seconds = 600
    @Option(help: "Draws the moments; printed when not given.")
    var seed: UInt64?
    @Option(help: "lazy or marked; both when not given.")
    var durability: Durability?
    @Option(help: "Where the logs are made.")
    var directory = "/tmp"
    @Option(help: "Workers at a time.")
    var jobs = 2
    @Option(help: "Openings of a nearly full 64 MiB segment that are timed; 0: none.")
    var recoveryRuns = 20

    enum Durability: String, ExpressibleByArgument {
        case lazy, marked

        var option: EventLogOptions.Durability { self == .lazy ? .lazy : .marked }
    }

    func validate() throws {
        guard cycles >= 0, seconds > 0, (1...64).contains(jobs), recoveryRuns >= 0 else {
            throw ValidationError("counts are not negative; 1 to 64 jobs")
        }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1..<1_000_000_000)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let place = try makeTemporaryDirectory(in: directory, prefix: "daybook-kill")
        print("seed \(seed), logs in \(place)")
        let start = WallClock.microseconds()
        let totals = await kill(program, place, seed)
        let taken = Double(WallClock.microseconds() - start) / 1_000_000
        let timings = try timeRecovery(program, place)
        let report = KillReport(totals: totals, timings: timings, seed: seed, seconds: taken)
        print(report.text)
        let isOK = report.isOK(wantedCycles: cycles)
        if totals.violations.isEmpty {
            removeTree(place)
        } else {
            print("kept: \(totals.keptDirectories.joined(separator: " "))")
            print(
                "look again: daybook verify --store \(totals.keptDirectories.first ?? place); "
                    + "repeat: daybook-simulate kill --seed \(seed) --cycles \(cycles)")
        }
        print(try report.json(isOK: isOK))
        if !isOK { throw ExitCode(1) }
    }

    private func kill(_ program: String, _ place: String, _ seed: UInt64) async -> KillTotals {
        let deadline = WallClock.microseconds() + Int64(seconds) * 1_000_000
        return await withTaskGroup(of: KillTotals.self) { group in
            for job in 0..<jobs {
                let count = cycles * (job + 1) / jobs - cycles * job / jobs
                let settings = KillRun.Settings(
                    program: program, directory: place, seed: seed &+ UInt64(job),
                    cycleCount: count, durability: durability?.option, deadline: deadline)
                group.addTask {
                    var run = KillRun(settings)
                    return await run.run()
                }
            }
            var totals = KillTotals()
            for await part in group { totals.add(part) }
            return totals
        }
    }

    private func timeRecovery(_ program: String, _ place: String) throws -> [RecoveryTimes] {
        guard recoveryRuns > 0 else { return [] }
        let memory = "/dev/shm"
        let isThere = FileManager.default.isWritableFile(atPath: memory)
        let fast = isThere ? try makeTemporaryDirectory(in: memory, prefix: "daybook-fill") : place
        defer { if isThere { removeTree(fast) } }
        return try RecoveryTiming.Shape.allCases.map { shape in
            RecoveryTimes(
                shape: shape,
                measured: try RecoveryTiming.measure(
                    program: program, fast: fast, directory: place, shape, runCount: recoveryRuns))
        }
    }
}
