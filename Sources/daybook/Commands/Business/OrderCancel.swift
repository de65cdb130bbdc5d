import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook order cancel`
struct OrderCancel: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give an order up before anything was sent; final.",
        discussion: "daybook order cancel 17 --reason 'changed my mind'")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .cancelOrder(CancelOrder(order: try await order.id(in: daybook), reason: reason))
    }
}
