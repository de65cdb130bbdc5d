import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections

/// `daybook replay`
struct ReplayCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract:
            "Fold every event again, check every invariant, compare snapshot and read models.",
        discussion: """
            daybook replay --store shop

            Calls no bank, reads no clock, changes nothing. Exit code 3 when something differs.

            With --state-only the read models are neither built anew nor compared: every event is \
            decoded and folded, the invariants and the snapshot are checked.
            """)

    @OptionGroup var store: StoreOptions
    @Flag(name: .long, help: "Fold and check the state; leave the read models out.")
    var stateOnly = false
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        let reader = try DaybookReader.open(directory: store.directory)
        let progress = output.progress("replay", unit: "events", total: reader.head.rawValue)
        let report = try reader.replay(includesModels: !stateOnly) { position in
            progress.advance(to: position.rawValue)
            return !Interruption.process.isRequested
        }
        progress.finish()
        try Interruption.process.check()
        tell(report, output)
        return .shown(
            record(report),
            next: output.findingCount > 0
                ? [
                    "daybook verify\(store.argument)",
                    "daybook projection rebuild --all\(store.argument)",
                ]
                : [])
    }

    private func tell(_ report: Replay.Report, _ output: Output) {
        for violation in report.violations {
            output.finding(code: "invariant_violated", violation)
        }
        if let position = report.snapshotPosition, !report.snapshotIsEqual {
            output.finding(
                code: "snapshot_differs",
                "the snapshot at position \(position) is not what the events fold to; remove it from "
                    + store.layout.snapshots, ["position": .of(position)])
        }
        for name in ReadModelName.allCases where report.models[name] == .some(false) {
            output.finding(
                code: "read_model_differs",
                "the read model \(name.rawValue) is not what the events project to",
                ["name": .text(name.rawValue)])
        }
    }

    private func record(_ report: Replay.Report) -> Record {
        var record: Record = [
            "events": .of(report.eventCount), "batches": .of(report.batchCount),
            "head": .of(report.head), "violations": .of(report.violations.count),
            "snapshot": .text(
                report.snapshotPosition.map {
                    report.snapshotIsEqual ? "equal at position \($0)" : "differs at position \($0)"
                } ?? "none"),
        ]
        for name in ReadModelName.allCases where !stateOnly {
            let word: String =
                switch report.models[name] {
                case .some(.some(true)): "equal"
                case .some(.some(false)): "differs"
                default: "behind the log or not there"
                }
            record.append(name.rawValue, .text(word))
        }
        return record
    }
}
