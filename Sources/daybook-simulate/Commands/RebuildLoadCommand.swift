import ArgumentParser
import DaybookSimulator

/// `daybook-simulate rebuild-load`
struct RebuildLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-load",
        abstract: "Rebuilds read models of a real store while commands and questions go on.",
        discussion: """
            daybook-simulate rebuild-load STORE --seconds 5

            STORE gets stock receipts: give a copy. Fails when a command or a question fails, or when a \
            rebuilt model differs from the live one. The last line is JSON: the longest question \
            without a rebuild and beside one, in microseconds.
            """)

    @Argument(help: "A store with products and orders.")
    var store: String

    @Option(help: "So many seconds without a rebuild, and as many beside rebuilds.")
    var seconds = 5.0

    func validate() throws {
        guard seconds > 0, seconds <= 3_600 else {
            throw ValidationError("--seconds takes more than 0 and up to 3600")
        }
    }

    func run() async throws {
        let outcome = try await RebuildUnderLoad(directory: store, seconds: seconds).run()
        for problem in outcome.problems { print(problem) }
        print(
            "{\"ok\":\(outcome.problems.isEmpty),\"commands\":\(outcome.commandCount),"
                + "\"questions\":\(outcome.questionCount),\"rebuilds\":\(outcome.rebuildCount),"
                + "\"rebuild_seconds\":\(Int(outcome.rebuildSeconds.rounded(.up))),"
                + "\"longest_question_alone_us\":\(outcome.longestAlone),"
                + "\"longest_question_beside_us\":\(outcome.longestBeside),"
                + "\"longest_command_us\":\(outcome.longestCommand)}")
        if !outcome.problems.isEmpty { throw ExitCode(1) }
    }
}
