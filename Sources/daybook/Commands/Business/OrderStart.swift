import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook order start`
struct OrderStart: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Begin picking and packing a paid order.",
        discussion: "daybook order start 17")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .startProcessing(StartProcessing(order: try await order.id(in: daybook)))
    }
}
