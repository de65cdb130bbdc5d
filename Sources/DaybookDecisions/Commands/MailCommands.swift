public import DaybookCore

/// What became of a mail.
public enum MailOutcome: Hashable, Sendable {
    case sent(providerID: String?)
    /// With `willRetry` the mail stays to be sent.
    case failed(error: String, willRetry: Bool)
}

/// Records what became of a mail; a second outcome of a settled mail changes nothing.
public struct RecordMailOutcome: Hashable, Sendable {
    public static let name = "RecordMailOutcome"
    public var mail: MailID
    public var outcome: MailOutcome

    public init(mail: MailID, outcome: MailOutcome) {
        self.mail = mail
        self.outcome = outcome
    }
}
