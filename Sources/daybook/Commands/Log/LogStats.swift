import ArgumentParser
import DaybookCore
import DaybookLog

/// `daybook log stats`
struct LogStats: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "What the log holds, in numbers.",
        discussion: """
            daybook log stats
            daybook log stats --types
            """)

    @Flag(help: "Count the events of each type too; reads the whole log.")
    var types = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        if types { try count(log, output) }
        let statistics = log.statistics
        var record: Record = [
            "log_id": .of(log.logID), "head": .of(log.head.position),
            "events": .of(statistics.eventCount), "batches": .of(statistics.batchCount),
            "frames": .of(statistics.frameCount), "segments": .of(statistics.segmentCount),
            "stored_bytes": .of(statistics.storedByteCount),
            "raw_bytes": .of(statistics.rawByteCount),
        ]
        if statistics.storedByteCount > 0 {
            // Two decimals without floating point: the output is compared byte for byte.
            let hundredths = statistics.rawByteCount * 100 / statistics.storedByteCount
            let rest = hundredths % 100
            record.append(
                "compression", .text("\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"))
        }
        record.append("first_time", .of(statistics.firstTime))
        record.append("last_time", .of(statistics.lastTime))
        record.append("chain", .of(log.head.chain))
        return .shown(record)
    }

    private func count(_ log: LogReader, _ output: Output) throws {
        let progress = output.progress("count", unit: "events", total: log.head.position.rawValue)
        defer { progress.finish() }
        var counts: [EventType: (events: UInt64, bytes: UInt64)] = [:]
        try log.forEachBatch(from: LogPosition(rawValue: 1), through: nil) { batch in
            try batch.forEachEvent { event in
                counts[event.type, default: (0, 0)].events += 1
                counts[event.type, default: (0, 0)].bytes += UInt64(event.payload.count)
            }
            progress.advance(to: batch.lastPosition.rawValue)
            return !Interruption.process.isRequested
        }
        try Interruption.process.check()
        for (type, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            output.record(
                "event_type",
                [
                    "event_type": .text(type.rawValue), "events": .of(count.events),
                    "payload_bytes": .of(count.bytes),
                ])
        }
    }
}
