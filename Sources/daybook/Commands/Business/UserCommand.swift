import ArgumentParser

/// `daybook user`
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Register and verify people, and ask about them.",
        discussion: """
            daybook user register ada@example.com --password-file secret.txt
            daybook user dashboard usr_01…
            """,
        subcommands: [
            UserRegister.self, UserVerify.self, UserResend.self, UserDeactivate.self,
            UserReactivate.self, UserShow.self, UserList.self, UserDashboard.self,
        ])
}
