import ArgumentParser
import DaybookCore
import DaybookProjections

/// `daybook user dashboard`
struct UserDashboard: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "A user's ten newest active orders and five recently ordered products.",
        discussion: "daybook user dashboard usr_01… --json")

    @Argument(help: "The user (usr_…).")
    var user: UserID

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.dashboard(user: user, asOf: past.asOf)
        if output.settings.format == .text {
            output.text("orders:")
            for order in answer.value.orders {
                try questions.row(
                    "order", order,
                    columns: [
                        "order_number", "status", "item_count", "unit_count", "payable",
                        "created_at",
                    ])
            }
            output.flush()
            output.text("recent products:")
            for product in answer.value.recentProducts {
                try questions.row(
                    "product", product,
                    columns: ["sku", "name", "last_ordered", "times_ordered"])
            }
        } else {
            try questions.detail("dashboard", answer.value)
        }
        return try questions.outcome(at: answer.position)
    }
}
