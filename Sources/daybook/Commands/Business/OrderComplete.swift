import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook order complete`
struct OrderComplete: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete", abstract: "Take the reserved money of an order and send its mail.",
        discussion: "daybook order complete 17")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .completeOrder(CompleteOrder(order: try await order.id(in: daybook)))
    }
}
