import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// Answers from the read models of a store, read-only.
struct Questions {
    let models: ReadModels
    private let reader: DaybookReader
    private let output: Output
    private let moment: Moment?

    /// - Parameter moment: the past that is asked about.
    /// - Throws: ``Failure`` 10 when there is no store; what the log says.
    init(_ store: StoreOptions, asOf moment: Moment? = nil, _ output: Output) throws {
        try store.requireStore()
        self.output = output
        self.moment = moment
        reader = try DaybookReader.open(directory: store.directory)
        models = reader.readModels
    }

    /// Ends the command: names the position of the answer, and warns when the log is further on.
    func outcome(
        at position: LogPosition, _ summary: Record = [:], next: [String] = []
    ) throws -> Outcome {
        try reader.refresh()
        let head = reader.head
        if position > head {
            throw Failure(
                .damaged, code: "log_shorter_than_read_model",
                "the read model is at position \(position), the log ends at \(head): acknowledged "
                    + "events are missing, and the answer may tell of them",
                wayOut: ["daybook projection status", "daybook doctor"])
        }
        if moment != nil, output.settings.format == .text {
            output.note("as it was at position \(position)")
        }
        if moment == nil, position < head {
            output.warning(
                "the answer is true at position \(position); the log ends at \(head). The next command "
                    + "that changes the store brings the read models up to date, as does "
                    + "'daybook projection rebuild'.")
        }
        var all: Record = ["position": .of(position), "head": .of(head)]
        if let moment { all.append("as_of", .text(moment.description)) }
        all.append(summary)
        return Outcome(all, next: next)
    }

    /// One row of a list: the chosen columns for people, everything for programs.
    func row(_ kind: String, _ view: some Encodable, columns: [String]) throws {
        let record = try RecordEncoder.record(view)
        guard output.settings.format == .text else { return output.record(kind, record) }
        output.record(kind, Record(columns.map { ($0, record[$0] ?? .none) }))
    }

    /// One answer by itself; sealed values are not shown to people as bytes.
    func detail(_ kind: String, _ view: some Encodable) throws {
        let record = try RecordEncoder.record(view)
        guard output.settings.format == .text else { return output.detail(kind, record) }
        output.detail(kind, Record(record.members.map { ($0.name, $0.value.readable) }))
    }
}

extension Field {
    /// For people: sealed bytes as a word, exact totals as their text.
    fileprivate var readable: Field {
        switch self {
        case .object(let record):
            if let version = record["key_version"], record["sealed"] != nil {
                return .text("sealed (key \(version.text(.major)))")
            }
            if record["numerator"] != nil, let text = record["text"] { return text }
            return .object(record.readable)
        case .records(let records): return .records(records.map(\.readable))
        default: return self
        }
    }
}

extension Record {
    fileprivate var readable: Record { Record(members.map { ($0.name, $0.value.readable) }) }
}
