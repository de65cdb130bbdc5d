import ArgumentParser
import DaybookDecisions
import DaybookEngine
import Glibc

/// `daybook import orders FILE|-`
struct ImportOrders: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "Import an order history from CSV.",
        discussion: """
            xz -dc orders.csv.xz | daybook import orders - --store shop --reject-file rejects.csv

            The first row must be: \(OrderHistory.columns.joined(separator: ",")). \
            Adjacent rows of one invoice number are an order, a credit note (numbers that begin \
            with C) or stock adjustments (price 0 and no customer). Goods are codes that start with five \
            digits; their opening stock is the smallest with which no movement of the file fails.

            Every row ends as an order line, a return, an adjustment or a reject; with rejects the \
            exit code is 3. A command that was stopped or killed goes on when it is given again, \
            and records nothing twice.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    @Argument(help: "The history as CSV, or - for standard input.")
    var file: String

    @Flag(help: "Read and plan only: print what would be recorded, record nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Write rejected rows with their reasons here.", valueName: "file"))
    var rejectFile: String?

    mutating func perform(_ output: Output) async throws -> Outcome {
        if !dryRun { try store.requireStore() }
        if file == "-", isatty(STDIN_FILENO) != 0 {
            throw Failure.usage(
                "standard input is a terminal; give a file, or pipe the history in",
                wayOut: ["daybook import orders --help"])
        }
        let orders = ImportRun(
            store: store, global: global, output: output, file: file, rejectFile: rejectFile)
        return try await orders.run(isDryRun: dryRun)
    }
}
