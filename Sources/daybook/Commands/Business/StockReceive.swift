import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook stock receive`
struct StockReceive: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Add goods that came in.",
        discussion: "daybook stock receive 85123A 100 --location main")

    @Argument(help: "The product.")
    var sku: String

    @Argument(help: "Units, from 1.")
    var quantity: Int

    @Option(help: "Where they are kept.")
    var location: LocationID = .main

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .receiveStock(ReceiveStock(sku: sku, location: location, quantity: quantity))
    }
}
