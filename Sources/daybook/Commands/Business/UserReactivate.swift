import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook user reactivate`
struct UserReactivate: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "reactivate", abstract: "Let a deactivated account in again.",
        discussion: "daybook user reactivate usr_01… --reason 'asked by phone'")

    @Argument(help: "The user (usr_…).")
    var user: UserID

    @Option(help: "Why; it stays in the log.")
    var reason: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .reactivateUser(ReactivateUser(user: user, reason: reason))
    }
}
