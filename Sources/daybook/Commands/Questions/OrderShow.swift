import ArgumentParser
import DaybookProjections

/// `daybook order show`
struct OrderShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One order with its lines, payments, shipments, returns.",
        discussion: """
            daybook order show 17
            daybook order show ord_01… --json
            """)

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await order.detail(in: questions.models, asOf: past.asOf)
        try questions.detail("order", answer.value)
        return try questions.outcome(
            at: answer.position,
            next: ["daybook audit order \(answer.value.order.summary.orderID)\(store.argument)"])
    }
}
