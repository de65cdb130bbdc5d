import ArgumentParser
import DaybookCore

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Flag(name: .long, help: "Short for --output json: one JSON object per line, a summary last.")
    var json = false

    @Option(name: .long, help: "Form of standard output: text, json, jsonl (bare records) or csv.")
    var output: OutputFormat?

    @Option(
        name: .long,
        help: "Progress: auto (a bar on a terminal, else a line every 10 s), always, never.")
    var progress: When = .auto

    @Flag(name: .shortAndLong, help: "No progress and no notes; errors stay.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "More about what is done.")
    var verbose = false

    @Option(
        name: .long, help: "Colour: auto, always, never. NO_COLOR and CLICOLOR_FORCE are heard.")
    var color: When = .auto

    @Option(name: .long, help: "Amounts: major (19.98 GBP) or minor (1998).")
    var money: MoneyStyle = .major

    @Option(name: .long, help: ArgumentHelp("Take this as the time of day.", visibility: .hidden))
    var now: Instant?

    @Option(
        name: .long, help: ArgumentHelp("Draw identifiers from this seed.", visibility: .hidden))
    var seed: UInt64?

    func settings(terminal: Terminal) -> OutputSettings {
        OutputSettings(
            format: json ? .json : output ?? .text, progress: progress, colour: color,
            isQuiet: quiet, isVerbose: verbose, money: money, terminal: terminal)
    }

    func validate() throws {
        if json, let output, output != .json {
            throw ValidationError("--json and --output \(output.rawValue) exclude each other.")
        }
    }
}

extension OutputFormat: ExpressibleByArgument {}
extension When: ExpressibleByArgument {}
extension MoneyStyle: ExpressibleByArgument {}
