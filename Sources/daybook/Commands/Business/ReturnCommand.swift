import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook return`
struct ReturnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Goods that come back.",
        discussion: """
            daybook return request 17 --line 1=2
            daybook return receive ret_01… --order 17 --line 1=2:1
            """,
        subcommands: [ReturnRequest.self, ReturnReceive.self])
}

/// `daybook return request`
struct ReturnRequest: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Announce that shipped units come back.",
        discussion: "daybook return request 17 --line 1=2")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A line and how many of it, repeated.", valueName: "line=quantity"))
    var line: [LineArgument]

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .requestReturn(
            RequestReturn(
                order: try await order.id(in: daybook),
                lines: line.map { LineReturn(lineNumber: $0.lineNumber, quantity: $0.quantity) }))
    }

    func next(_ result: CommandResult) -> [String] {
        guard case .goodsReturn(let id) = result.value else { return [] }
        let lines = line.map { " --line \($0.lineNumber)=\($0.quantity)" }.joined()
        return ["daybook return receive \(id) --order \(order)\(lines)\(engine.store.argument)"]
    }
}

/// `daybook return receive`
struct ReturnReceive: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Record what came back, once per return.",
        discussion: "daybook return receive ret_01… --order 17 --line 1=2:1")

    @Argument(help: "The return (ret_…).")
    var returnID: ReturnID

    @Option(help: "Its order: ord_… or its number.")
    var order: OrderReference

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A line, how many came, and how many of them damaged; repeated.",
            valueName: "line=received[:damaged]"))
    var line: [LineArgument]

    @Flag(help: "Do not put the undamaged units on sale again.")
    var noRestock = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        .receiveReturn(
            ReceiveReturn(
                returnID: returnID, order: try await order.id(in: daybook),
                lines: line.map {
                    LineReceipt(
                        lineNumber: $0.lineNumber, received: $0.quantity, damaged: $0.damaged)
                }, restock: !noRestock))
    }
}
