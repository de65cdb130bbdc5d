import ArgumentParser
import DaybookCore
import DaybookLog

/// `daybook log search`
struct LogSearch: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Events by tag, type, actor, position or time.",
        discussion: """
            daybook log search --tag order:ord_01… --json
            daybook log search --type PaymentDeclined --from 2026-11-01 --limit 20

            Tags are LABEL:VALUE, as the log shows them. Several --tag must all match, of several \
            --type any. --from and --to take a position or a time and include it.
            """)

    @Option(
        name: .long, parsing: .singleValue,
        help: "A tag, for example sku:85123A; repeated: all of them.")
    var tag: [Tag] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: "An event type, for example OrderPlaced; repeated: any.")
    var type: [EventType] = []

    @Option(help: "Who caused it: user:usr_…, operator, system, gateway, import.")
    var actor: Actor?

    @Option(help: "From this position or time on.")
    var from: Moment?

    @Option(help: "Up to this position or time.")
    var to: Moment?

    @Option(help: "At most so many.")
    var limit: Int?

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        let former = type.flatMap { log.upcasters.formerNames[$0] ?? [] }
        let filter = EventFilter(
            tags: tag, types: type + former, actor: actor, from: from, to: to)
        let progress = output.progress("search", unit: "events", total: log.head.position.rawValue)
        defer { progress.finish() }
        var found = 0
        try log.forEachBatch(from: filter.firstPosition, through: filter.lastPosition) { view in
            progress.advance(to: view.lastPosition.rawValue)
            if Interruption.process.isRequested { return false }
            guard filter.admits(try view.metadata()) else { return true }
            let batch = try view.recorded()
            for event in batch.events where filter.admits(event) {
                guard found < limit ?? .max else { return false }
                found += 1
                output.record(
                    "event",
                    EventRecord.record(event, in: batch, output.settings.format, log.upcasters))
            }
            return output.dataErrorNumber == nil
        }
        try Interruption.process.check()
        return Outcome(["events": .of(found), "head": .of(log.head.position)])
    }
}
