import ArgumentParser
import DaybookDecisions
import DaybookProjections

/// `daybook product list`
struct ProductList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Products by SKU.",
        discussion: "daybook product list --limit 50 --after 85123A")

    @Option(help: "At most so many, 0 to 100.")
    var limit = 20

    @Option(help: "Go on behind this product.")
    var after: SKU?

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.products(
            limit: limit, after: after, asOf: past.asOf)
        for product in answer.value {
            try questions.row(
                "product", product, columns: ["sku", "name", "price", "stocked", "on_sale"])
        }
        return try questions.outcome(at: answer.position, ["next": .of(answer.value.last?.sku)])
    }
}
