/// The form of standard output.
enum OutputFormat: String, CaseIterable, Sendable {
    /// For people: tables and `name: value`.
    case text
    /// One JSON object per line: `status`, `record`, `finding`, and one last `summary`.
    case json
    /// One JSON object per record and nothing else.
    case jsonl
    /// A header line, then one line per record.
    case csv
}

/// When something that depends on the terminal is shown.
enum When: String, CaseIterable, Sendable {
    case auto
    case always
    case never
}

/// How progress is told.
enum ProgressStyle: Hashable, Sendable {
    case none
    /// A line that is drawn again and again.
    case bar
    /// One line every ten seconds.
    case lines
    /// One `status` object per second on standard output.
    case statuses
}

/// Everything that decides how an answer looks.
struct OutputSettings: Hashable, Sendable {
    var format: OutputFormat = .text
    var progress: ProgressStyle = .none
    var isQuiet = false
    var isVerbose = false
    var money: MoneyStyle = .major
    /// Whether standard output gets colours.
    var outputColours = false
    /// Whether standard error gets colours.
    var errorColours = false
    /// Columns of standard output's terminal; `nil` where no person reads.
    var outputWidth: Int?
    /// Columns of standard error's terminal.
    var errorWidth = 80

    init(
        format: OutputFormat = .text, progress: When = .auto, colour: When = .auto,
        isQuiet: Bool = false, isVerbose: Bool = false, money: MoneyStyle = .major,
        terminal: Terminal
    ) {
        self.format = format
        self.isQuiet = isQuiet
        self.isVerbose = isVerbose
        self.money = money
        self.progress = OutputSettings.progress(
            progress, format: format, isQuiet: isQuiet, isTerminal: terminal.errorIsTerminal)
        func colours(_ isTerminal: Bool) -> Bool {
            switch colour {
            case .always: true
            case .never: false
            case .auto: terminal.environmentWantsColour ?? isTerminal
            }
        }
        outputColours = colours(terminal.outputIsTerminal) && format == .text
        errorColours = colours(terminal.errorIsTerminal)
        outputWidth = terminal.outputIsTerminal ? terminal.columns : nil
        errorWidth = terminal.columns
    }

    private static func progress(
        _ when: When, format: OutputFormat, isQuiet: Bool, isTerminal: Bool
    ) -> ProgressStyle {
        if isQuiet || when == .never { return .none }
        if format == .json { return .statuses }
        return when == .always || isTerminal ? .bar : .lines
    }
}
