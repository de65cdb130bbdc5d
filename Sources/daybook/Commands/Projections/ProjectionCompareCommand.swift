import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// `daybook projection compare`
struct ProjectionCompareCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Prove that a read model is what its events project to, or name where it parts.",
        discussion: """
            daybook projection compare orders
            daybook projection compare orders --file old/orders.sqlite
            daybook projection compare orders --program ./daybook-1.1

            Without an option the live model is compared with a rebuild. --file compares it with \
            another file of the same log, --program compares what another build of daybook makes of the \
            log with what this one makes of it. Changes nothing. Exit code 3 when they differ: the \
            first event that was taken differently, and the rows and columns, are named.
            """)

    @Argument(help: "inventory, orders, users.")
    var name: ReadModelName

    @Option(help: ArgumentHelp("Compare the live model with this file.", valueName: "path"))
    var file: String?

    @Option(help: ArgumentHelp("Compare what this build of daybook makes.", valueName: "path"))
    var program: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if file != nil, program != nil {
            throw ValidationError("Give --file or --program, not both.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        let comparison = ProjectionComparison(of: name, in: store.directory, log: log)
        let progress = output.progress("compare", unit: "events", total: log.head.position.rawValue)
        defer { progress.finish() }
        func advance(_ done: LogPosition, _: LogPosition) -> Bool {
            progress.advance(to: done.rawValue)
            return !Interruption.process.isRequested
        }
        let report =
            if let file {
                try comparison.compare(withFile: file)
            } else if let program {
                try comparison.compare(
                    withProgram: OtherProgram(path: program, directory: store.directory),
                    progress: advance)
            } else {
                try comparison.compareWithRebuild(progress: advance)
            }
        progress.finish()
        let sides: (left: String, right: String) =
            if file != nil {
                ("live", "file")
            } else if program != nil {
                ("program", "this")
            } else {
                ("live", "rebuilt")
            }
        if let parting = report.parting { tell(parting, report, sides, output) }
        return .shown(
            [
                "name": .text(name.rawValue), "position": .of(report.position),
                "result": .text(report.isEqual ? "equal" : "different"),
                "\(sides.left)_digest": .of(report.left.combined),
                "\(sides.right)_digest": .of(report.right.combined),
                "rows": .of(report.right.reduce(0) { $0 + $1.rowCount }),
            ],
            next: report.isEqual || program != nil
                ? []
                : ["daybook projection rebuild \(name.rawValue) --expect-changes\(store.argument)"])
    }

    private func tell(
        _ parting: ProjectionComparison.Parting, _ report: ProjectionComparison.Report,
        _ sides: (left: String, right: String), _ output: Output
    ) {
        var details: Record = [
            "name": .text(name.rawValue), "tables": .texts(report.tables),
            "equal_at": .of(parting.equalAt), "differs_at": .of(parting.differsAt),
            "position": .of(parting.event), "exact": .flag(parting.isExact),
            "probes": .of(parting.probes),
        ]
        let place: String
        if let event = parting.event, let type = parting.type {
            details.append("type", .of(type))
            place =
                parting.isExact
                ? "part at position \(event) (\(type))"
                : "differ as if they part at position \(event) (\(type))"
        } else {
            place =
                "part at an event behind position \(parting.equalAt), at position "
                + "\(parting.differsAt) at the latest; the rows do not tell which"
        }
        output.finding(
            code: "read_model_differs",
            "\(name.rawValue): \(sides.left) and \(sides.right) \(place); tables: "
                + report.tables.joined(separator: ", "), details)
        for row in parting.rows {
            guard let table = name.schema.table(named: row.table) else { continue }
            for var record in row.records(of: table, sides) {
                record.append("at", .of(parting.differsAt))
                output.record("difference", record)
            }
        }
    }
}

extension RowDifference {
    /// One record a column that differs; one for the whole row where a side has none.
    func records(
        of table: TableDefinition, _ sides: (left: String, right: String)
    ) -> [Record] {
        let columns = table.storedColumns
        let keyText = zip(table.keyIndexes, key).map { index, value in
            "\(columns[index].name)=\(columns[index].text(of: value) ?? "null")"
        }.joined(separator: ",")
        func record(_ column: String, _ left: String?, _ right: String?) -> Record {
            [
                "table": .text(self.table), "row": .text(keyText), "column": .text(column),
                sides.left: .of(left), sides.right: .of(right),
            ]
        }
        guard let left, let right else {
            return [record("*", left.map { _ in "there" }, right.map { _ in "there" })]
        }
        return columns.indices.filter { left[$0] != right[$0] }.map { index in
            record(
                columns[index].name, columns[index].text(of: left[index]),
                columns[index].text(of: right[index]))
        }
    }
}
