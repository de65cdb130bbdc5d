import ArgumentParser
import DaybookDecisions
import DaybookProjections

/// `daybook stock show`
struct StockShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "How much of a product is on hand, reserved, available.",
        discussion: "daybook stock show 85123A")

    @Argument(help: "The product.")
    var sku: SKU

    @Option(help: "Only there; without it over all locations.")
    var location: LocationID?

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.availability(
            sku: sku, location: location, asOf: past.asOf)
        try questions.detail("stock", answer.value)
        return try questions.outcome(at: answer.position)
    }
}
