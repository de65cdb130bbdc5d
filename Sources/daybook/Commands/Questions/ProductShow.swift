import ArgumentParser
import DaybookDecisions
import DaybookProjections

/// `daybook product show`
struct ProductShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One product.", discussion: "daybook product show 85123A")

    @Argument(help: "The product.")
    var sku: SKU

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.product(sku: sku, asOf: past.asOf)
        try questions.detail("product", answer.value)
        return try questions.outcome(
            at: answer.position,
            next: [
                "daybook stock show \(shellQuoted(sku.rawValue))\(past.argument)\(store.argument)"
            ])
    }
}
