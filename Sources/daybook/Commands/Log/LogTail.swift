import ArgumentParser
import DaybookCore
import DaybookLog

/// `daybook log tail`
struct LogTail: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "The newest events.",
        discussion: """
            daybook log tail -n 20
            daybook log tail --follow --json
            """)

    @Option(name: .customShort("n"), help: "How many.")
    var count = 10

    @Flag(name: .shortAndLong, help: "Go on with events as they are recorded, until Ctrl-C.")
    var follow = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    /// How often a followed log is looked at.
    private static let pause = Duration.milliseconds(200)

    func validate() throws {
        if count < 0 { throw ValidationError("-n takes 0 or more.") }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        let head = log.head.position
        let skipped = head.rawValue - min(head.rawValue, UInt64(count))
        var next = LogPosition(rawValue: skipped + 1)
        var shown = try show(from: &next, log, output)
        while follow {
            output.flush()
            try Interruption.process.check()
            try await Task.sleep(for: LogTail.pause)
            try log.refresh()
            shown += try show(from: &next, log, output)
        }
        return Outcome(["events": .of(shown), "head": .of(log.head.position)])
    }

    private func show(
        from next: inout LogPosition, _ log: LogReader, _ output: Output
    ) throws -> Int {
        let first = next
        var shown = 0
        try log.forEachBatch(from: first, through: nil) { view in
            let batch = try view.recorded()
            for event in batch.events where event.position >= first {
                output.record(
                    "event",
                    EventRecord.record(event, in: batch, output.settings.format, log.upcasters))
                shown += 1
            }
            return true
        }
        next = max(first, log.head.position.advanced(by: 1))
        return shown
    }
}
