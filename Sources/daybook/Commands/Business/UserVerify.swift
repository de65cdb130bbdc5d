import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook user verify`
struct UserVerify: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Redeem the token of a verification mail.",
        discussion: """
            daybook user verify --token-file token.txt
            sed -n 's/.*token=//p' daybook-store/outbox/*.eml | daybook user verify
            """)

    @Option(help: "File whose first line is the token; - is standard input.")
    var tokenFile = "-"

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) throws -> Command {
        .verifyEmail(VerifyEmail(token: try Secret.read(file: tokenFile, flag: "--token-file")))
    }
}
