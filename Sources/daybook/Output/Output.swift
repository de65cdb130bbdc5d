import Glibc
import Synchronization

/// What the program says: data on standard output, everything else on standard error.
///
/// May be used from any thread. Records of a list are shown as a table in the text format; they are
/// gathered for its widths and written at the latest with ``finish(_:status:)``.
final class Output: Sendable {
    let settings: OutputSettings
    private let state: Mutex<State>

    /// Rows whose widths decide the columns of a table; later rows are written as they come.
    private static let tableSample = 500

    private struct State: ~Copyable {
        var data: StreamWriter
        var messages: StreamWriter
        var bar: String?
        var rows: [Record] = []
        var csvHeader: [String]?
        var findings: UInt64 = 0
        var isFinished = false
    }

    init(
        settings: OutputSettings, data: Int32 = STDOUT_FILENO, messages: Int32 = STDERR_FILENO
    ) {
        self.settings = settings
        state = Mutex(
            State(
                data: StreamWriter(descriptor: data),
                messages: StreamWriter(descriptor: messages, capacity: 0)))
    }

    // MARK: Data

    /// One answer of a list. `kind` names what it is: `order`, `event`.
    func record(_ kind: String, _ record: Record) {
        state.withLock { state in
            switch settings.format {
            case .text:
                state.rows.append(record)
                if state.rows.count >= Output.tableSample { writeTable(&state) }
            case .json, .jsonl, .csv: write(kind, record, &state)
            }
        }
    }

    /// One answer that stands for itself.
    func detail(_ kind: String, _ record: Record) {
        state.withLock { state in
            guard settings.format == .text else { return write(kind, record, &state) }
            writeTable(&state)
            for line in Table.lines(of: record, money: settings.money) {
                state.data.write(line: line)
            }
        }
    }

    /// A line of text as it stands, only in the text format.
    func text(_ line: String) {
        guard settings.format == .text else { return }
        state.withLock { state in
            writeTable(&state)
            state.data.write(line: line)
        }
    }

    /// A line of data that is in its final form already, whatever the format.
    func raw(line: some Sequence<UInt8>) {
        state.withLock { state in
            state.data.write(line)
            state.data.write(CollectionOfOne(UInt8(ascii: "\n")))
        }
    }

    /// Makes everything so far visible to whoever reads.
    func flush() {
        state.withLock { state in
            writeTable(&state)
            state.data.flush()
        }
    }

    /// Whether standard output has stopped taking data (full, closed).
    var dataErrorNumber: Int32? { state.withLock { $0.data.errorNumber } }

    // MARK: Messages

    /// Something that is wrong with the data; the command goes on and exits 3.
    func finding(code: String, _ message: String, _ details: Record = [:]) {
        state.withLock { state in
            state.findings += 1
            if settings.format == .json {
                var record: Record = [
                    "type": "finding", "code": .text(code), "message": .text(message),
                ]
                if !details.isEmpty { record.append("details", .object(details)) }
                state.data.write(line: record.json)
            } else {
                say(
                    colour("finding:", .yellow) + " " + Printable.text(message) + " [\(code)]",
                    &state)
            }
        }
    }

    var findingCount: UInt64 { state.withLock { $0.findings } }

    /// Something worth knowing; silent with `--quiet`.
    func note(_ text: String) {
        guard !settings.isQuiet else { return }
        state.withLock { state in
            if settings.format == .json {
                let record: Record = ["type": "status", "message": .text(text)]
                state.data.write(line: record.json)
            } else {
                say(Printable.text(text), &state)
            }
        }
    }

    /// Like ``note(_:)``, only with `--verbose`.
    func detailNote(_ text: String) {
        if settings.isVerbose { note(text) }
    }

    /// Never silent.
    func warning(_ text: String) {
        state.withLock { state in
            say(colour("warning:", .yellow) + " " + Printable.text(text), &state)
        }
    }

    /// Says at once what a failed command failed at; in JSON as one object on standard error.
    func failure(_ failure: Failure) {
        state.withLock { state in
            if settings.format == .json || settings.format == .jsonl {
                say(failure.errorObject.json, &state)
            } else {
                let lines = failure.lines(money: settings.money)
                say(colour("error:", .red) + " " + lines[0], &state)
                for line in lines.dropFirst() { say(line, &state) }
            }
        }
    }

    // MARK: Progress

    /// Starts to tell how far a piece of work is.
    func progress(_ phase: String, unit: String, total: UInt64? = nil) -> Progress {
        Progress(phase: phase, unit: unit, total: total, output: self)
    }

    func tell(_ numbers: ProgressState) {
        state.withLock { state in
            switch settings.progress {
            case .none: break
            case .bar:
                state.bar = ProgressLine.bar(numbers, width: settings.errorWidth - 1)
                state.messages.write("\r\u{1B}[K\(state.bar ?? "")".utf8)
            case .lines: say(ProgressLine.line(numbers), &state)
            case .statuses:
                state.data.write(line: ProgressLine.status(numbers).json)
                state.data.flush()
            }
        }
    }

    func endProgress(_ numbers: ProgressState) {
        state.withLock { state in
            if state.bar != nil { state.messages.write("\r\u{1B}[K".utf8) }
            state.bar = nil
            if settings.progress == .statuses {
                state.data.write(line: ProgressLine.status(numbers).json)
            }
        }
    }

    // MARK: The end

    /// Writes what waits and, in JSON, the one summary. Later calls do nothing.
    ///
    /// - Returns: the error number when standard output could not take everything.
    @discardableResult
    func finish(_ summary: Record, status: ExitStatus, failure: Failure? = nil) -> Int32? {
        state.withLock { state in
            guard !state.isFinished else { return state.data.errorNumber }
            state.isFinished = true
            if state.bar != nil { state.messages.write("\r\u{1B}[K".utf8) }
            state.bar = nil
            writeTable(&state)
            if settings.format == .json {
                var record: Record = [
                    "type": "summary", "ok": .flag(status == .done),
                    "exit_code": .of(status.rawValue),
                ]
                record.append(summary)
                if state.findings > 0 { record.append("findings", .of(state.findings)) }
                if let failure { record.append("error", .object(failure.record)) }
                state.data.write(line: record.json)
            }
            state.data.flush()
            return state.data.errorNumber
        }
    }
}

// MARK: - Writing under the lock

extension Output {
    private func write(_ kind: String, _ record: Record, _ state: inout State) {
        switch settings.format {
        case .text: state.rows.append(record)
        case .json:
            let line: Record = ["type": "record", "of": .text(kind), "data": .object(record)]
            state.data.write(line: line.json)
        case .jsonl: state.data.write(line: record.json)
        case .csv:
            let names = record.members.map(\.name)
            if state.csvHeader != names {
                state.csvHeader = names
                state.data.write(line: CSVLine.text(names))
            }
            state.data.write(
                line: CSVLine.text(record.members.map { $0.value.csv(settings.money) }))
        }
    }

    private func writeTable(_ state: inout State) {
        guard !state.rows.isEmpty else { return }
        let lines = Table.lines(state.rows, money: settings.money, width: settings.outputWidth)
        for (index, line) in lines.enumerated() {
            state.data.write(line: index == 0 ? emphasised(line) : line)
        }
        state.rows.removeAll(keepingCapacity: true)
    }

    /// A full line on standard error, above the bar where there is one.
    private func say(_ line: String, _ state: inout State) {
        if let bar = state.bar {
            state.messages.write("\r\u{1B}[K\(line)\n\(bar)".utf8)
        } else {
            state.messages.write("\(line)\n".utf8)
        }
    }

    private enum Colour: String {
        case red = "31"
        case yellow = "33"
    }

    private func colour(_ text: String, _ colour: Colour) -> String {
        settings.errorColours ? "\u{1B}[1;\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func emphasised(_ line: String) -> String {
        settings.outputColours ? "\u{1B}[1m\(line)\u{1B}[0m" : line
    }
}

extension Field {
    /// A CSV cell: like text, but machine-readable where the two differ.
    fileprivate func csv(_ money: MoneyStyle) -> String {
        switch self {
        case .text(let text), .json(let text): text
        case .flag(let flag): flag ? "true" : "false"
        default: text(money)
        }
    }
}
