import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook order refund`
struct OrderRefund: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund", abstract: "Give captured money of an order back.",
        discussion: "daybook order refund 17 --amount '5.10 GBP' --reason 'arrived broken'")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @Option(name: .long, parsing: .unconditional, help: "How much, for example '5.10 GBP'.")
    var amount: Money

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .refundPayment(
            RefundPayment(
                payment: try await order.payment(in: daybook), amount: amount, reason: reason))
    }
}
