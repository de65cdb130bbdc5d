import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// `daybook projection status`
struct ProjectionStatusCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How far each read model is, and whether it can be used.",
        discussion: """
            daybook projection status
            daybook projection status --sample 2

            Lag is in events, and in seconds since the oldest event that is not in the rows yet was \
            recorded. --sample looks again after so many seconds and tells how many events a second \
            were projected meanwhile.
            """)

    @Option(help: "Look twice, so many seconds apart, and tell the rate.")
    var sample: Double?

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let sample, !(sample > 0 && sample <= 3_600) {
            throw ValidationError("--sample takes seconds, more than 0 and up to 3600.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        let clock = global.configuration(directory: store.directory).clock
        var rates: [ReadModelName: Double] = [:]
        var statuses = ProjectionStatus.all(of: store.directory, log: log, now: clock())
        if let sample {
            let before = statuses
            try await Task.sleep(for: .seconds(sample))
            try log.refresh()
            statuses = ProjectionStatus.all(of: store.directory, log: log, now: clock())
            for (earlier, later) in zip(before, statuses) {
                guard let start = earlier.condition.position, let end = later.condition.position
                else { continue }
                rates[later.name] =
                    Double(end.rawValue - min(start.rawValue, end.rawValue)) / sample
            }
        }
        for status in statuses {
            var record = status.record
            if let rate = rates[status.name] {
                record.append("events_per_second", .of(UInt64(rate.rounded())))
            }
            output.record("projection", record)
            if let problem = status.problem {
                output.finding(
                    code: problem.code, problem.text, ["name": .text(status.name.rawValue)])
            }
        }
        let isParked = statuses.contains { $0.parked.events > 0 }
        let isUnusable = statuses.contains { $0.parked.events == 0 && $0.problem != nil }
        return Outcome(
            ["head": .of(log.head.position)],
            next: (isUnusable ? ["daybook projection rebuild --all\(store.argument)"] : [])
                + (isParked ? ["daybook projection parked\(store.argument)"] : []))
    }
}

extension ProjectionStatus {
    var record: Record {
        var record: Record = ["name": .text(name.rawValue), "condition": .text(condition.word)]
        record.append("position", .of(condition.position))
        record.append("head", .of(head))
        record.append("lag", lag.map { .of($0) } ?? .none)
        record.append(
            "lag_seconds", lagMicroseconds.map { .of(($0 + 999_999) / 1_000_000) } ?? .none)
        record.append("kept_copies", .of(keptPositions.count))
        record.append("kept_bytes", .of(keptByteCount))
        record.append("earlier_files", .of(earlierFiles.count))
        record.append("earlier_bytes", .of(earlierByteCount))
        record.append("parked", .of(parked.events))
        record.append("stopped_at", .of(stop?.position))
        record.append(
            "last_error", .of(stop?.reason ?? condition.reason ?? parked.lastReason))
        return record
    }

    /// What is wrong and what to do; `nil` when nothing is.
    var problem: (code: String, text: String)? {
        if let stop {
            return (
                "projection_stopped",
                "\(name.rawValue) stands still at position \(stop.position): \(stop.reason)"
            )
        }
        if parked.events > 0 {
            return (
                "events_parked",
                "\(name.rawValue) could not take \(parked.refused) events; with what waits behind "
                    + "them \(parked.events) are parked, and \(parked.subjects) subjects stand still"
            )
        }
        switch condition {
        case .ready: return nil
        case .missing:
            return ("read_model_missing", "\(path) is not there; the next start builds it")
        case .damaged(let reason): return ("read_model_damaged", "\(path) is damaged: \(reason)")
        case .unavailable(let reason):
            return ("read_model_unavailable", "\(path) cannot be looked at now: \(reason)")
        case .otherSchema(let reason):
            return ("read_model_outdated", "\(path) has other tables: \(reason)")
        case .otherLog: return ("read_model_foreign", "\(path) belongs to another log")
        case .ahead(let checkpoint, let head):
            return (
                "log_shorter_than_read_model",
                "\(path) knows position \(checkpoint.position), the log ends at \(head): "
                    + "acknowledged events are missing; restore the log from a backup"
            )
        }
    }
}

extension ReadModelCondition {
    var word: String {
        switch self {
        case .ready: "ready"
        case .missing: "missing"
        case .damaged: "damaged"
        case .unavailable: "unavailable"
        case .otherSchema: "other schema"
        case .otherLog: "other log"
        case .ahead: "ahead of the log"
        }
    }

    var position: LogPosition? {
        switch self {
        case .ready(let checkpoint), .otherLog(let checkpoint), .ahead(let checkpoint, _):
            checkpoint.position
        default: nil
        }
    }

    var reason: String? {
        switch self {
        case .damaged(let reason), .otherSchema(let reason), .unavailable(let reason): reason
        default: nil
        }
    }
}
