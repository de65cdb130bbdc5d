import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections

/// `daybook projection retry`
struct ProjectionRetry: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try parked events again.",
        discussion: """
            daybook projection retry orders
            daybook projection retry orders 1042

            With a position: that event, and what waits behind it. Exit code 3 when an event is \
            refused again.
            """)

    @Argument(help: "inventory, orders or users.")
    var name: ReadModelName

    @Argument(help: "The position of a parked event; none: everything that is parked.")
    var position: LogPosition?

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let (name, position) = (name, position)
        let session = StoreSession(options: engine, global: global, output: output)
        let result = try await session.run { daybook in
            try await daybook.retryParked(of: name, at: position)
        }
        for event in result.parked {
            output.record("parked", event.record(in: name))
            guard let reason = event.reason else { continue }
            output.finding(
                code: "event_parked",
                "\(name.rawValue) cannot take position \(event.fact.position): \(reason)",
                ["name": .text(name.rawValue), "position": .of(event.fact.position)])
        }
        return .shown([
            "name": .text(name.rawValue), "applied": .of(result.applied),
            "still_parked": .of(result.parked.count),
        ])
    }
}
