import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookLog

/// `daybook log show`
struct LogShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One event with everything that is recorded about it.",
        discussion: "daybook log show 17")

    @Argument(help: "The position, from 1.")
    var position: LogPosition

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        guard let batch = try log.batch(containing: position),
            let event = batch.events.first(where: { $0.position == position })
        else {
            throw Failure.notFound(
                "there is no event at position \(position); the log ends at \(log.head.position)",
                details: ["position": .of(position), "head": .of(log.head.position)],
                wayOut: ["daybook log tail\(store.argument)"])
        }
        var record = EventRecord.full(event, in: batch, log.upcasters)
        record.append("batch_first_position", .of(batch.firstPosition))
        record.append("batch_last_position", .of(batch.lastPosition))
        guard output.settings.format == .text else {
            output.detail("event", record)
            return .done
        }
        output.detail(
            "event",
            Record(record.members.filter { $0.name != "payload" }.map { ($0.name, $0.value) }))
        output.text("payload:")
        let today = EventRecord.today(event, log.upcasters)
        for line in EventRendering().json(of: today, layout: .indented).split(separator: "\n") {
            output.text("  " + Printable.text(String(line)))
        }
        return .done
    }
}
