import ArgumentParser

/// `daybook import …`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring a history in that happened elsewhere.",
        subcommands: [ImportOrders.self])
}
