import ArgumentParser
import DaybookCore
import DaybookProjections

/// `daybook user show`
struct UserShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One account.",
        discussion: "daybook user show usr_01…")

    @Argument(help: "The user (usr_…).")
    var user: UserID

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let answer = try await questions.models.user(id: user, asOf: past.asOf)
        try questions.detail("user", answer.value)
        return try questions.outcome(at: answer.position)
    }
}
