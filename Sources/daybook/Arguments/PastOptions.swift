public import ArgumentParser
public import DaybookCore

/// When a question is asked about.
struct PastOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Answer as it was at a position of the log (a number), or at a time (2026-01-31T12:00:00Z; "
                + "a date alone is its first moment).",
            valueName: "position|time"))
    var asOf: Moment?

    /// The option as it is typed in a suggested command; empty without it.
    var argument: String {
        switch asOf {
        case nil: ""
        case .position(let position)?: " --as-of \(position)"
        case .time(let time)?: " --as-of \(time)"
        }
    }
}

extension Moment: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
