import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// What an export holds.
enum ExportSubject: String, CaseIterable, ExpressibleByArgument {
    /// Every event with its envelope.
    case events
    case inventory
    case orders
    case users

    /// The read model; `nil` for events.
    var model: ReadModelName? { ReadModelName(rawValue: rawValue) }
}

/// `daybook export`
struct ExportCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "The log or a read model as NDJSON.",
        discussion: """
            daybook export > events.ndjson
            daybook export orders --file orders.ndjson

            One JSON object per line; the same store gives the same bytes. Read models are written \
            table after table, in the order of their keys.
            """)

    @Argument(help: "events, inventory, orders, users.")
    var subject: ExportSubject = .events

    @Option(help: "Write to this file, which must not exist, instead of standard output.")
    var file: String?

    @Option(help: "Events from this position or time on.")
    var from: Moment?

    @Option(help: "Events up to this position or time.")
    var to: Moment?

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if subject != .events, from != nil || to != nil {
            throw ValidationError("--from and --to are for events.")
        }
        if global.output == .csv {
            throw ValidationError("export writes NDJSON; --output csv is not for it.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        guard let file else {
            let count = try write(output) { kind, line in
                if output.settings.format == .json {
                    output.raw(
                        line: "{\"type\":\"record\",\"of\":\"\(kind)\",\"data\":\(line)}".utf8)
                } else {
                    output.raw(line: line.utf8)
                }
                return output.dataErrorNumber == nil
            }
            return Outcome(["lines": .of(count)])
        }
        let target = try ExportFile(path: file)
        let count = try write(output) { _, line in target.write(line) }
        try target.finish()
        return .shown(["file": .text(file), "lines": .of(count)])
    }

    /// - Parameter take: takes kind and line; returns whether to go on.
    private func write(_ output: Output, _ take: (String, String) -> Bool) throws -> Int {
        if let model = subject.model { return try write(model, take) }
        let filter = EventFilter(from: from, to: to)
        let log = try store.openLog()
        let progress = output.progress("export", unit: "events", total: log.head.position.rawValue)
        defer { progress.finish() }
        var count = 0
        try log.forEachBatch(from: filter.firstPosition, through: filter.lastPosition) { view in
            progress.advance(to: view.lastPosition.rawValue)
            if Interruption.process.isRequested { return false }
            guard filter.admits(try view.metadata()) else { return true }
            let batch = try view.recorded()
            for event in batch.events where filter.admits(event) {
                count += 1
                let record = EventRecord.full(event, in: batch, log.upcasters)
                guard take("event", record.json) else { return false }
            }
            return true
        }
        try Interruption.process.check()
        return count
    }

    private func write(_ name: ReadModelName, _ take: (String, String) -> Bool) throws -> Int {
        let path = store.layout.readModels + "/" + name.fileName
        let file = try ReadModelFile.open(name, at: path)
        var count = 0
        for table in name.schema.exported(as: .ndjson) {
            try file.exportRows(of: table) { line in
                count += 1
                guard take(table.name, line) else { throw CancellationError() }
                try Interruption.process.check()
            }
        }
        try file.close()
        return count
    }
}
