public import DaybookCore

/// An account. The address is not here: it stays sealed in the log.
public struct UserView: Hashable, Sendable, Codable {
    public let userID: UserID
    /// `enabled` or `disabled`.
    public let accountState: String
    public let accountReason: String?
    public let emailVerifiedAt: Timestamp?
    /// Enabled, with a verified address.
    public let isActive: Bool
    public let paymentCustomerID: String?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case accountState = "account_state"
        case accountReason = "account_reason"
        case emailVerifiedAt = "email_verified_at"
        case isActive = "is_active"
        case paymentCustomerID = "payment_customer_id"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    static let columns = """
        user_id, account_state, account_reason, email_verified_at, is_active, payment_customer_id,
        created_at, updated_at
        """

    init(_ row: RowStatement) {
        userID = UserID(rawValue: row.identifier(0))
        accountState = row.text(1)
        accountReason = row.optionalText(2)
        emailVerifiedAt = row.optionalInstant(3).map(Timestamp.init)
        isActive = row.flag(4)
        paymentCustomerID = row.optionalText(5)
        createdAt = Timestamp(row.instant(6))
        updatedAt = Timestamp(row.instant(7))
    }
}
