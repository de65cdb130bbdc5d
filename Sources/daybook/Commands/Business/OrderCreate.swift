import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook order create`
struct OrderCreate: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Place an order and pay for it.",
        discussion: """
            daybook order create --user usr_01… --item 85123A=6 --item POST=1
            daybook order create --user usr_01… --item 85123A=6@2.10GBP --key basket-4711

            Exit codes: 0 placed and paid; 1 refused or declined; 75 nobody knows yet whether it is \
            paid (daybook payment reconcile asks).
            """)

    @Option(help: "Who buys (usr_…).")
    var user: UserID

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "What and how many, repeated for each line; @PRICE overrides the price (operators).",
            valueName: "sku=quantity[@price]"))
    var item: [ItemArgument] = []

    @Option(help: "Where to send it; sealed under the user's key.")
    var address: String?

    @Option(
        name: .long, parsing: .unconditional,
        help: "What the customer was shown, tax included; another total is refused.")
    var expectedTotal: Money?

    @Option(help: "automatic takes the money now, manual reserves it until 'order complete'.")
    var capture: CaptureMode = .automatic

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .createOrder(
            CreateOrder(
                user: user, items: item.map(\.item), shippingAddress: address,
                expectedTotal: expectedTotal, capture: capture))
    }

    func next(_ result: CommandResult) -> [String] {
        guard case .order(let order) = result.value else { return [] }
        return [
            "daybook order show \(order.orderNumber)\(engine.store.argument)",
            "daybook order \(capture == .manual ? "complete" : "ship") \(order.orderNumber)"
                + engine.store.argument,
        ]
    }
}
