import ArgumentParser

/// `daybook order`
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Place orders, bring them to their end, ask about them.",
        discussion: """
            daybook order create --user usr_01… --item 85123A=6 --item POST=1
            daybook order show 17
            """,
        subcommands: [
            OrderCreate.self, OrderComplete.self, OrderStart.self, OrderShip.self,
            OrderCancel.self, OrderRefund.self, OrderExpireDue.self, OrderShow.self,
            OrderList.self,
        ])
}
