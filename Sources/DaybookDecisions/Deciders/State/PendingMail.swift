import DaybookCore

/// A mail that was asked for and neither sent nor given up.
struct PendingMail: Hashable, Sendable {
    let request: MailRequested
    let position: LogPosition
}
