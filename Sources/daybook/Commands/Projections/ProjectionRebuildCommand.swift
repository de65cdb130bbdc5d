import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections
import Glibc

/// `daybook projection rebuild`
struct ProjectionRebuildCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Build read models anew from the log, and compare.",
        discussion: """
            daybook projection rebuild --all
            daybook projection rebuild orders --dry-run

            Commands go on meanwhile, and the old files serve readers until the new ones take their \
            place; a rebuild that is interrupted leaves them untouched. A new file that differs from \
            the live one does not take its place (exit code 3), unless --expect-changes says that a \
            difference is wanted. The file that was live before is kept; 'daybook projection clean' \
            removes it.
            """)

    @OptionGroup var models: ReadModelSelection

    @Flag(help: "Say what would be done, and stop there.")
    var dryRun = false

    @Flag(help: "A difference is wanted: put the new file in place although it differs.")
    var expectChanges = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let chosen = models.chosen
        let head = try store.openLog().head.position
        if dryRun {
            for name in chosen {
                output.record(
                    "projection",
                    ["name": .text(name.rawValue), "events": .of(head), "would_rebuild": true])
            }
            return Outcome(["dry_run": true, "events": .of(head)])
        }
        // A rebuild has time; commands and questions of other processes have not. Refused, it is as good.
        _ = nice(10)
        let progress = output.progress("rebuild", unit: "events", total: head.rawValue)
        defer { progress.finish() }
        let reports = try ProjectionRebuild.rebuild(
            chosen, of: global.configuration(directory: store.directory),
            expectsChanges: expectChanges
        ) { done, _ in
            progress.advance(to: done.rawValue)
            return !Interruption.process.isRequested
        }
        progress.finish()
        for report in reports { tell(report, output) }
        let differing = reports.filter { !$0.isPublished }.map(\.name.rawValue)
        return Outcome(
            [
                "events": .of(head),
                "rebuilt": .texts(reports.filter(\.isPublished).map(\.name.rawValue)),
            ],
            next: differing.flatMap {
                [
                    "daybook projection compare \($0)\(store.argument)",
                    "daybook projection rebuild \($0) --expect-changes\(store.argument)",
                ]
            })
    }

    private func tell(_ report: ProjectionRebuild.Report, _ output: Output) {
        let rows = report.digests.reduce(0) { $0 + $1.rowCount }
        let comparison =
            switch report.isEqual {
            case true?: "equal to the live one"
            case false?: "differs from the live one"
            case nil: "nothing to compare"
            }
        var record: Record = [
            "name": .text(report.name.rawValue), "rows": .of(rows),
            "digest": .of(report.digests.combined), "comparison": .text(comparison),
            "compared_at": .of(report.comparedAt), "in_place": .flag(report.isPublished),
        ]
        if let earlier = report.earlierFile { record.append("kept", .text(earlier)) }
        output.record("projection", record)
        if report.isOfOtherProgram, !report.isPublished {
            output.finding(
                code: "read_model_outdated",
                "\(report.name.rawValue) is of another program, which may be running; it was left in "
                    + "place. The next command of this program that opens the store replaces it, as "
                    + "does --expect-changes", ["name": .text(report.name.rawValue)])
        }
        guard report.isEqual == false, let previous = report.previousDigests else { return }
        let tables = zip(report.digests, previous).filter { $0 != $1 }.map(\.0.table)
        let details: Record = ["name": .text(report.name.rawValue), "tables": .texts(tables)]
        if report.isPublished {
            output.note(
                "\(report.name.rawValue) changed as expected (tables: \(tables.joined(separator: ", ")))"
            )
        } else {
            output.finding(
                code: "read_model_differs",
                "\(report.name.rawValue) is not what the events project to (tables: "
                    + "\(tables.joined(separator: ", "))); it was left in place", details)
        }
    }
}
