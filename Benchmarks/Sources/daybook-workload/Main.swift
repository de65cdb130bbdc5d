import ArgumentParser

/// The canonical workload of Daybook, as one program.
@main
struct DaybookWorkload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-workload",
        abstract: "Runs the canonical workload on a new store and prints orders/s and p99 first.",
        subcommands: [
            BulkCommand.self, CallersCommand.self, SteadyCommand.self, OrdersCommand.self,
        ])
}
