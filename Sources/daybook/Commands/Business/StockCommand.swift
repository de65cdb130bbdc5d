import ArgumentParser

/// `daybook stock`
struct StockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "Receive and correct stock, and ask about it.",
        discussion: """
            daybook stock receive 85123A 100
            daybook stock show 85123A
            """,
        subcommands: [StockReceive.self, StockAdjust.self, StockShow.self])
}
