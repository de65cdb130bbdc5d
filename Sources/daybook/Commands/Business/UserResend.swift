import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook user resend`
struct UserResend: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Send a new verification link; the old one becomes void.",
        discussion: """
            daybook user resend ada@example.com

            The answer is the same for addresses that are unknown, verified or disabled.
            """)

    @Argument(help: "The e-mail address.")
    var email: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .resendVerification(ResendVerification(email: email))
    }
}
