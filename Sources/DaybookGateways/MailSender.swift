public import DaybookCore

/// The post office: takes one finished message.
///
/// Source: DOMAIN.md S-121; D-17, D-18. At least once: a message may be handed over again with the
/// same ``OutgoingMail/id`` after a crash, and must then not be sent twice where the other side can
/// tell.
public protocol MailSender: Sendable {
    /// Hands the message over.
    ///
    /// - Throws: ``MailFailure``; `temporary` may be tried again, `permanent` may not.
    @discardableResult
    func send(_ mail: OutgoingMail) async throws(MailFailure) -> MailReceipt
}

/// A message to one person, ready to be handed over.
public struct OutgoingMail: Hashable, Sendable {
    /// One id, one message: the `Message-ID` is made from it.
    public var id: MailID
    public var to: String
    public var from: String
    public var subject: String
    /// Plain text; any line break will do.
    public var body: String
    /// When it was asked for, from the caller's clock.
    public var date: Instant

    public init(
        id: MailID, to: String, from: String, subject: String, body: String, date: Instant
    ) {
        self.id = id
        self.to = to
        self.from = from
        self.subject = subject
        self.body = body
        self.date = date
    }
}

/// What the post office gave for a message.
public struct MailReceipt: Hashable, Sendable {
    /// The post office's name for the message.
    public var providerID: String?

    public init(providerID: String? = nil) {
        self.providerID = providerID
    }
}

/// Why a message was not handed over.
public enum MailFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// May succeed later: no space, no connection.
    case temporary(String)
    /// Will never succeed as it stands: the address or the text cannot be sent.
    case permanent(String)

    public var willRetry: Bool {
        if case .temporary = self { true } else { false }
    }

    public var description: String {
        switch self {
        case .temporary(let reason): "temporary: \(reason)"
        case .permanent(let reason): "permanent: \(reason)"
        }
    }
}
