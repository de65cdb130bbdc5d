import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook product add`
struct ProductAdd: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Put a product on sale.",
        discussion: """
            daybook product add 85123A --name 'White hanging heart' --price '2.55 GBP'
            daybook product add POST --name Postage --price '18.00 GBP' --unstocked
            """)

    @Argument(help: "The merchant's name for it: 1 to 64 visible characters, for ever.")
    var sku: String

    @Option(help: "Its name for people.")
    var name: String

    @Option(
        name: .long, parsing: .unconditional,
        help: "Unit price with currency, for example '9.99 GBP'.")
    var price: Money

    @Flag(help: "Postage, services: no stock figures, never reserved.")
    var unstocked = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .addProduct(AddProduct(sku: sku, productName: name, price: price, stocked: !unstocked))
    }

    func next(_ result: CommandResult) -> [String] {
        let sku = shellQuoted(sku)
        return unstocked
            ? ["daybook product show \(sku)\(engine.store.argument)"]
            : ["daybook stock receive \(sku) 10\(engine.store.argument)"]
    }
}
