import ArgumentParser

/// `daybook log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Look into the book of record.",
        discussion: """
            daybook log tail -n 20
            daybook log search --tag order:ord_01… --json
            """,
        subcommands: [LogTail.self, LogShow.self, LogSearch.self, LogStats.self])
}
