/// What a command that completed has to say at its end.
struct Outcome: Sendable {
    /// The members of the JSON summary beside `ok` and `exit_code`.
    var summary: Record
    /// Whether people see the summary too, on standard output.
    var showsSummary: Bool
    /// Commands that are useful next.
    var next: [String]
    /// Why the command, although it completed, does not end well: its status is the exit code.
    var failure: Failure?

    init(_ summary: Record = [:], showsSummary: Bool = false, next: [String] = []) {
        self.summary = summary
        self.showsSummary = showsSummary
        self.next = next
    }

    /// A result whose numbers are the answer: shown to people as well.
    static func shown(_ summary: Record, next: [String] = []) -> Outcome {
        Outcome(summary, showsSummary: true, next: next)
    }

    static let done = Outcome()
}
