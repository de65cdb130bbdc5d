import ArgumentParser
import DaybookCore
import DaybookProjections

/// `daybook user list`
struct UserList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Accounts, in the order in which they were opened.",
        discussion: "daybook user list --limit 5")

    @Option(help: "At most so many, 0 to 100.")
    var limit = 20

    @Option(help: "Go on behind this user.")
    var after: UserID?

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.users(limit: limit, after: after, asOf: past.asOf)
        for user in answer.value {
            try questions.row(
                "user", user,
                columns: ["user_id", "account_state", "email_verified_at", "created_at"])
        }
        return try questions.outcome(at: answer.position, ["next": .of(answer.value.last?.userID)])
    }
}
