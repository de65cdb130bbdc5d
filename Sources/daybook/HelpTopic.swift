/// Texts of `daybook help TOPIC`.
enum HelpTopic: String, CaseIterable {
    case exitCodes = "exit-codes"
    case output
    case environment

    /// The topic that the words ask for; `nil` for everything else.
    init?(arguments: [String]) {
        guard arguments.count == 2, arguments[0] == "help" else { return nil }
        self.init(rawValue: arguments[1])
    }

    var text: String {
        switch self {
        case .exitCodes: HelpTopic.exitCodeText
        case .output: HelpTopic.outputText
        case .environment: HelpTopic.environmentText
        }
    }

    private static var exitCodeText: String {
        "Exit codes\n\n"
            + ExitStatus.allCases.map { status in
                let number = String(status.rawValue)
                return String(repeating: " ", count: 5 - number.count) + number + "  "
                    + status.meaning
            }.joined(separator: "\n")
    }

    private static let outputText = """
        Output

        Data goes to standard output, everything else to standard error.

          --output text   for people: tables, and "name: value" (the default)
          --output json   the same as --json: one object per line
          --output jsonl  one object per record and nothing else
          --output csv    a header line, then one line per record

        Lines of --json:
          {"type":"status",...}    progress, at most one per second, and notes
          {"type":"record","of":KIND,"data":{...}}
          {"type":"finding","code":...,"message":...,"details":{...}}
          {"type":"summary","ok":...,"exit_code":...,...}   exactly one, the last
        A failed command also writes one {"type":"error",...} to standard error; code, message,
        details and try (commands that lead on) stand in it and in the summary's error.

        Amounts are {"minor":1998,"currency":"GBP"} in JSON; "19.98 GBP" elsewhere, or 1998 with
        --money minor. Times are ISO 8601 in UTC.

        Progress is drawn as a bar on a terminal and told as a line every ten seconds elsewhere:
        --progress auto|always|never; --quiet stops it and all notes, never errors.
        """

    private static let environmentText = """
        Environment

          DAYBOOK_STORE      the store's directory; --store wins; without both ./daybook-store
          DAYBOOK_FORCE_TTY  columns; treats standard output and error as a terminal of that width
          NO_COLOR           non-empty: no colours; CLICOLOR_FORCE or FORCE_COLOR: colours always
          TERM=dumb          no colours
        """
}
