import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook user register`
struct UserRegister: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Open an account; a mail with a link proves the address.",
        discussion: """
            daybook user register ada@example.com --password-file secret.txt
            pass shop/ada | daybook user register ada@example.com --password-file -

            Without --password-file the password is asked for on the terminal.
            """)

    @Argument(help: "The e-mail address.")
    var email: String

    @Option(help: "File whose first line is the password; - is standard input.")
    var passwordFile: String?

    @Flag(help: "An account that nobody can log in to (operators only).")
    var noPassword = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if noPassword, passwordFile != nil {
            throw ValidationError("--no-password and --password-file exclude each other.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        // Asked before the store is opened, so that nobody waits for a lock while a person types.
        let password = try password()
        let command = Command.registerUser(RegisterUser(email: email, password: password))
        let asked = engine
        let session = StoreSession(options: engine, global: global, output: output)
        let result = try await session.run { daybook in
            try await daybook.execute(command, as: asked.actor, key: asked.key)
        }
        return .shown(
            ResultRecord.record(result),
            next: ["daybook mail list\(engine.store.argument)"])
    }

    private func password() throws(Failure) -> String? {
        if noPassword { return nil }
        if let passwordFile { return try Secret.read(file: passwordFile, flag: "--password-file") }
        return try Secret.ask("Password for \(email)", flag: "--password-file")
    }
}
