import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook stock adjust`
struct StockAdjust: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "adjust", abstract: "Correct what is on hand: a count, a loss, a find.",
        discussion: "daybook stock adjust 85123A --by -3 --reason 'broken in store' --expected 100")

    @Argument(help: "The product.")
    var sku: String

    @Option(name: .long, parsing: .unconditional, help: "Units more, or with - fewer.")
    var by: Int

    @Option(help: "Why.")
    var reason: String

    @Option(help: "Refuse unless so many are on hand now.")
    var expected: Int?

    @Option(help: "Where.")
    var location: LocationID = .main

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .adjustStock(
            AdjustStock(
                sku: sku, location: location, delta: by, reason: reason, expectedOnHand: expected))
    }
}
