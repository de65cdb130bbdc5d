import ArgumentParser
import DaybookEngine

/// The canonical workload of Daybook, as one program.
@main
struct DaybookWorkload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-workload",
        abstract: "Runs the canonical workload and prints the two figures that matter first.",
        subcommands: [
            BulkCommand.self, CallersCommand.self, SteadyCommand.self, LogCommand.self,
            SelectCommand.self, TagQueryCommand.self, StartCommand.self, MemoryCommand.self,
            OrdersCommand.self, WriteCommand.self, FirstOrderCommand.self,
        ])

    static func main() async {
        LargeBlocks.giveBack()
        SQLiteMemory.stopCounting()
        await main(nil)
    }
}
