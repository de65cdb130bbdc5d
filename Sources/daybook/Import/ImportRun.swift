import DaybookDecisions
import DaybookEngine
import DaybookGateways
import Foundation

/// The import of an order history with its files, its store and its messages: what `import orders`
/// and `demo` do.
struct ImportRun {
    let store: StoreOptions
    let global: GlobalOptions
    let output: Output
    /// A path, or `-`.
    let file: String
    let rejectFile: String?

    /// The data is a British wholesaler's.
    static let currency = Currency(rawValue: "GBP")

    /// - Throws: ``Failure``: 64 for a file that is no order history, 5 for one that is not there,
    ///   130
    ///   when stopped; what the store says.
    func run(isDryRun: Bool) async throws -> Outcome {
        do {
            let directory = isDryRun ? NSTemporaryDirectory() : store.directory
            let source = try ImportSource(path: file, copyIn: directory)
            let history = try read(source)
            let forecast = ImportForecast(history)
            try Interruption.process.check()
            let rejects = RejectCollector(
                history, source: source, file: try rejectFile.map(RejectFile.init))
            if isDryRun { return try rehearse(forecast, rejects) }
            return try await record(history, forecast, rejects)
        } catch let error as ImportFileError {
            throw Failure(error)
        } catch let error as WrongHeader {
            throw Failure.usage(
                error.description, details: ["columns": .texts(OrderHistory.columns)])
        }
    }

    // MARK: Reading

    private func read(_ source: ImportSource) throws -> OrderHistory {
        let total = source.byteCount.map(UInt64.init)
        let progress = output.progress("read", unit: "bytes", total: total)
        defer { progress.finish() }
        return try OrderHistoryReader.read(
            source: { try source.read(into: $0) },
            progress: { _, byteCount in
                progress.advance(to: UInt64(byteCount))
                try Interruption.process.check()
            })
    }

    private func rehearse(
        _ forecast: ImportForecast, _ rejects: RejectCollector
    ) throws -> Outcome {
        try rejects.add(forecast.plans, refusals: [:])
        try rejects.finish()
        report(rejects.summary)
        var summary = Record(forecast.figures)
        summary.append("dry_run", true)
        return .shown(summary, next: [command])
    }

    // MARK: Recording

    private func record(
        _ history: OrderHistory, _ forecast: ImportForecast, _ rejects: RejectCollector
    ) async throws -> Outcome {
        guard let currency = ImportRun.currency else {
            preconditionFailure("ImportRun: GBP is a currency of ISO 4217")
        }
        let marker = try ImportMarker(
            directory: store.directory + "/import", contentName: history.contentName)
        let daybook = try await open()
        let progress = output.progress("import", unit: "rows", total: UInt64(history.rowCount))
        let report: ImportReport
        do {
            var importer = OrderHistoryImporter(
                history, forecast: forecast, currency: currency,
                into: DaybookImportTarget(daybook: daybook, openLog: store.openLog),
                marker: marker,
                rejects: rejects,
                progress: { step in
                    guard step.phase == .rows else {
                        return output.detailNote("\(step.phase): \(step.done) of \(step.total)")
                    }
                    progress.advance(to: UInt64(step.done))
                },
                isStopRequested: { Interruption.process.isRequested })
            report = try await importer.run()
            progress.finish()
        } catch {
            progress.finish()
            // The import's own error is the one to show; what closing says would hide it.
            do { try await daybook.close() } catch let closing {
                output.warning("closing the store: \(closing)")
            }
            throw error
        }
        try await daybook.close()
        return try outcome(report)
    }

    /// History was paid: the embedded bank says yes to it, whatever it is told to say to others.
    private func open() async throws -> Daybook {
        var configuration = global.configuration(directory: store.directory)
        configuration.reactors = .manual
        var settings = try StoreSettings.load(from: store.layout).settings
        settings.bank = .yes
        configuration.settings = settings
        return try await Daybook.open(configuration)
    }

    // MARK: Telling

    private func outcome(_ report: ImportReport) throws -> Outcome {
        for finding in report.findings { output.finding(code: finding.code, finding.message) }
        guard report.isComplete else {
            var failure =
                Interruption.process.failure
                ?? Failure(
                    .interrupted, code: "interrupted", "interrupted")
            failure.message +=
                " after \(report.rowsDone) rows; all of them are recorded, the same command goes on"
            failure.details = ["rows_done": .of(report.rowsDone)]
            failure.wayOut = [command]
            throw failure
        }
        self.report(report.rejects)
        let figures = report.figures
        output.note(
            "\(figures.rows) rows = \(figures.orderLines) order lines + \(figures.returnLines) "
                + "returns + \(figures.adjustments) adjustments + \(figures.rejects) rejects")
        return .shown(
            Record(figures),
            next: [
                "daybook order list --limit 5 --store \(shellQuoted(store.directory))",
                "daybook verify --store \(shellQuoted(store.directory))",
            ])
    }

    /// One finding for all rejected rows: the reject file has them one by one.
    private func report(_ rejects: [RejectCollector.Tally]) {
        guard !rejects.isEmpty else { return }
        let count = rejects.reduce(0) { $0 + $1.count }
        let place = rejectFile.map { "they are in \($0)" } ?? "--reject-file FILE writes them out"
        output.finding(
            code: "rows_rejected",
            "\(count) \(count == 1 ? "row was" : "rows were") rejected; \(place)",
            Record(rejects.map { ($0.code, .of($0.count)) }))
        for tally in rejects {
            output.note("  \(tally.count) \(tally.count == 1 ? "row" : "rows"): \(tally.reason)")
        }
    }

    /// The command that goes on.
    private var command: String {
        var words = ["daybook", "import", "orders", file, "--store", store.directory]
        if let rejectFile { words += ["--reject-file", rejectFile] }
        return words.map(shellQuoted).joined(separator: " ")
    }
}

extension Record {
    /// The reconciliation under its published names.
    init(_ figures: ImportFigures) {
        self.init(figures.named.map { ($0.name, .number($0.value)) })
    }
}

extension Failure {
    init(_ error: ImportFileError) {
        switch error.errorNumber {
        case ENOENT,
            ENOTDIR where error.action == "open":
            self = .notFound(error.description, details: ["path": .text(error.path)])
        case EISDIR: self = .usage("\(error.path) is a directory, not a file")
        default: self = .file(error.path, error.action, errorNumber: error.errorNumber)
        }
    }
}
