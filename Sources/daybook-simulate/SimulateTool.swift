import ArgumentParser
import Glibc

/// Runs the real log and engine in a simulated world, and real processes on real disks.
@main
struct SimulateTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-simulate",
        abstract: "Proves what the log survives: seeded worlds, planted bugs, killed processes.",
        subcommands: [
            RunCommand.self, ReplayCommand.self, ExhaustiveCommand.self, BitsCommand.self,
            BugsCommand.self, StoreRunCommand.self, KillCommand.self, AppendLinesCommand.self,
            WitnessCommand.self, KillWorkerCommand.self, CommandWorkerCommand.self,
        ])

    static func main() async {
        // Every simulated log takes and frees buffers of a mebibyte: kept in the heap, they cost no system
        // call and no interrupt of the other thread.
        mallopt(M_MMAP_THRESHOLD, 1 << 30)
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        await main(nil)
    }
}
