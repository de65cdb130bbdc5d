import ArgumentParser

/// Runs the real log and engine in a simulated world, and real processes on real disks.
@main
struct SimulateTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-simulate",
        abstract: "Proves what the log survives: seeded worlds, planted bugs, killed processes.",
        subcommands: [
            RunCommand.self, ReplayCommand.self, ExhaustiveCommand.self, ConditionsCommand.self,
            RebuildLoadCommand.self,
            BitsCommand.self, BugsCommand.self, StoreRunCommand.self, KillCommand.self,
            PropertiesCommand.self, IndexFiguresCommand.self, AppendLinesCommand.self,
            WitnessCommand.self,
            KillWorkerCommand.self, CommandWorkerCommand.self,
        ])
}
