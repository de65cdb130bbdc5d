import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook product price`
struct ProductPrice: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "price", abstract: "Change a price; orders already placed keep theirs.",
        discussion: "daybook product price 85123A '2.95 GBP'")

    @Argument(help: "The product.")
    var sku: String

    @Argument(help: "The new unit price, in the same currency.")
    var price: Money

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .changePrice(ChangePrice(sku: sku, price: price))
    }
}
