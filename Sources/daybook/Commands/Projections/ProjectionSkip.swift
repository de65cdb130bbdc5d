import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections

/// `daybook projection skip`
struct ProjectionSkip: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Let a read model go on without a parked event.",
        discussion: """
            daybook projection skip orders 1042 --reason 'sent twice by the old shop'

            The decision is recorded in the log with its reason and who took it; every rebuild leaves \
            the same event out. The event itself stays. What waited behind it is projected.
            """)

    @Argument(help: "inventory, orders or users.")
    var name: ReadModelName

    @Argument(help: "The position of an event that is parked with an error.")
    var position: LogPosition

    @Option(help: "Why; it stays on the record.")
    var reason: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let (name, position, reason, actor) = (name, position, reason, engine.actor)
        let session = StoreSession(options: engine, global: global, output: output)
        let (recorded, left) = try await session.run { daybook in
            let recorded = try await daybook.skipParked(
                of: name, at: position, reason: reason, as: actor)
            return (recorded, try daybook.parkedEvents(of: name).count)
        }
        return .shown(
            [
                "name": .text(name.rawValue), "skipped": .of(position),
                "recorded_at_position": .of(recorded), "still_parked": .of(left),
            ],
            next: left > 0
                ? ["daybook projection parked \(name.rawValue)\(engine.store.argument)"] : [])
    }
}
