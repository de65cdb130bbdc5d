import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// `daybook projection rebuild`
struct ProjectionRebuildCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Build read models anew from the log, and compare.",
        discussion: """
            daybook projection rebuild --all
            daybook projection rebuild orders --dry-run

            The old files serve readers until the new ones take their place; a rebuild that is \
            interrupted leaves them untouched. Needs the store's lock. Exit code 3 when a new file \
            differs from the one that it replaced.
            """)

    @Argument(help: "inventory, orders, users.")
    var names: [ReadModelName] = []

    @Flag(help: "All of them.")
    var all = false

    @Flag(help: "Say what would be done, and stop there.")
    var dryRun = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if all == !names.isEmpty {
            throw ValidationError("Give names of read models (inventory, orders, users), or --all.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let chosen = ReadModelName.allCases.filter { all || names.contains($0) }
        let head = try store.openLog().head.position
        if dryRun {
            for name in chosen {
                output.record(
                    "projection",
                    ["name": .text(name.rawValue), "events": .of(head), "would_rebuild": true])
            }
            return Outcome(["dry_run": true, "events": .of(head)])
        }
        let progress = output.progress("rebuild", unit: "events", total: head.rawValue)
        defer { progress.finish() }
        let reports = try ProjectionRebuild.rebuild(
            chosen, of: global.configuration(directory: store.directory)
        ) { done, _ in
            progress.advance(to: done.rawValue)
            return !Interruption.process.isRequested
        }
        progress.finish()
        for report in reports { tell(report, output) }
        return Outcome(["events": .of(head), "rebuilt": .texts(reports.map(\.name.rawValue))])
    }

    private func tell(_ report: ProjectionRebuild.Report, _ output: Output) {
        let rows = report.digests.reduce(0) { $0 + $1.rowCount }
        let comparison =
            switch report.isEqual {
            case true?: "equal to the old one"
            case false?: "differs from the old one"
            case nil: "nothing to compare"
            }
        output.record(
            "projection",
            [
                "name": .text(report.name.rawValue), "rows": .of(rows),
                "digest": .of(report.digests.combined), "comparison": .text(comparison),
            ])
        guard report.isEqual == false, let previous = report.previousDigests else { return }
        let tables = zip(report.digests, previous).filter { $0 != $1 }.map(\.0.table)
        output.finding(
            code: "read_model_differed",
            "\(report.name.rawValue) was not what the events project to; the new file is "
                + "(tables: \(tables.joined(separator: ", ")))",
            ["name": .text(report.name.rawValue), "tables": .texts(tables)])
    }
}
