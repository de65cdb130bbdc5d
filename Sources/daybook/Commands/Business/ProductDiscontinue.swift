import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook product discontinue`
struct ProductDiscontinue: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "discontinue",
        abstract: "Take a product off sale; orders that hold it are untouched.",
        discussion: "daybook product discontinue 85123A")

    @Argument(help: "The product.")
    var sku: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .discontinueProduct(DiscontinueProduct(sku: sku))
    }
}
