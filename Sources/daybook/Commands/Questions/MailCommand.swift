import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections

/// `daybook mail`
struct MailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "What was sent to people.",
        discussion: "daybook mail list", subcommands: [MailList.self])
}

/// `daybook mail list`
struct MailList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Mails, newest first, and what became of them.",
        discussion: """
            daybook mail list --user usr_01…

            The embedded sender writes each mail as a file into the store's outbox folder.
            """)

    @Option(help: "Only to this user (usr_…).")
    var user: UserID?

    @Option(help: "At most so many, 0 to 100.")
    var limit = 20

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.mails(user: user, limit: limit, asOf: past.asOf)
        for mail in answer.value {
            try questions.row(
                "mail", mail,
                columns: ["mail_id", "template", "user_id", "state", "requested_at", "error"])
        }
        return try questions.outcome(at: answer.position, ["outbox": .text(store.layout.outbox)])
    }
}
