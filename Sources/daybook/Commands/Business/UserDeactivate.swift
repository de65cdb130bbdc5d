import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook user deactivate`
struct UserDeactivate: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate",
        abstract: "Shut an account out: it can neither order nor redeem links.",
        discussion: "daybook user deactivate usr_01… --reason 'asked by phone'")

    @Argument(help: "The user (usr_…).")
    var user: UserID

    @Option(help: "Why; it stays in the log.")
    var reason: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .deactivateUser(DeactivateUser(user: user, reason: reason))
    }
}
