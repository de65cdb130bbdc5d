import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook order ship`
struct OrderShip: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "ship", abstract: "Send units of a paid order; without --line everything.",
        discussion: "daybook order ship 17 --line 1=2 --carrier DHL --tracking 0034…")

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A line and how many of it, repeated.", valueName: "line=quantity"))
    var line: [LineArgument] = []

    @Option(help: "From where.")
    var location: LocationID = .main

    @Option(help: "Who carries it.")
    var carrier: String?

    @Option(help: "The carrier's number.")
    var tracking: String?

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) async throws -> Command {
        let lines = line.map { LineShipment(lineNumber: $0.lineNumber, quantity: $0.quantity) }
        return .shipOrder(
            ShipOrder(
                order: try await order.id(in: daybook), lines: lines.isEmpty ? nil : lines,
                location: location, carrier: carrier, tracking: tracking))
    }
}
