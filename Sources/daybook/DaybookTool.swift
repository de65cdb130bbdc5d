import ArgumentParser
import DaybookEngine
import Glibc

/// The command-line tool.
@main
struct DaybookTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "An order engine that writes every change into a log that can be proved.",
        discussion: """
            daybook demo
            daybook init --store shop
            daybook product add A-1 --name Lamp --price '9.99 GBP' --store shop

            Every command takes --json (one JSON object per line, a summary last) and says with its \
            exit code how it ended. More to read: \
            \(HelpTopic.allCases.map { "daybook help \($0.rawValue)" }.joined(separator: ", ")).
            """,
        version: "daybook 0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    DemoCommand.self, InitCommand.self, DoctorCommand.self, ConfigCommand.self,
                    DemoCrash.self,
                ]),
            CommandGroup(
                name: "Business",
                subcommands: [
                    OrderCommand.self, ProductCommand.self, StockCommand.self, UserCommand.self,
                    PaymentCommand.self, ReturnCommand.self, MailCommand.self,
                    TransactionCommand.self,
                ]),
            CommandGroup(name: "Log", subcommands: [LogCommand.self]),
            CommandGroup(
                name: "Trust",
                subcommands: [
                    VerifyCommand.self, RepairCommand.self, ReplayCommand.self, AuditCommand.self,
                ]),
            CommandGroup(name: "Projections", subcommands: [ProjectionCommand.self]),
            CommandGroup(
                name: "In and out", subcommands: [ImportCommand.self, ExportCommand.self]),
        ])

    static func main() async {
        LargeBlocks.giveBack()
        SQLiteMemory.stopCounting()
        Glibc.exit(await Launcher.run(Array(CommandLine.arguments.dropFirst())))
    }
}
