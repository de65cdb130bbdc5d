public import DaybookCore
internal import DaybookDecisions

/// One mail, by its cause; the text is made when it is sent.
public struct MailView: Hashable, Sendable, Codable {
    public let mailID: MailID
    public let template: String
    public let userID: UserID
    /// The order or verification that led to it.
    public let cause: String?
    /// `requested`, `sent` or `failed`.
    public let state: String
    public let failures: Int
    public let error: String?
    public let providerID: String?
    public let requestedAt: Timestamp
    public let updatedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case mailID = "mail_id"
        case template
        case userID = "user_id"
        case cause, state, failures, error
        case providerID = "provider_id"
        case requestedAt = "requested_at"
        case updatedAt = "updated_at"
    }

    init(_ row: MailRow) {
        mailID = row.id
        template = row.template.name
        userID = row.user
        cause = row.order?.description ?? row.verification?.description
        state = row.state.rawValue
        failures = Int(row.failures)
        error = row.error
        providerID = row.providerID
        requestedAt = Timestamp(row.requestedAt)
        updatedAt = Timestamp(row.updatedAt)
    }
}
