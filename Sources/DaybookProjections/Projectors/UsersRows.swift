internal import DaybookCore
internal import DaybookDecisions

/// A row of `users`.
struct UserRow {
    enum AccountState: String { case enabled, disabled }

    var id: UserID
    var state = AccountState.enabled
    var reason: String?
    var emailVerifiedAt: Instant?
    /// Always `nil` today: the embedded bank knows no customers.
    var paymentCustomerID: String?
    var createdAt: Instant
    var updatedAt: Instant
    var position: LogPosition
}

/// A row of `email_claims`.
struct EmailClaimRow {
    var digest: EmailDigest
    var user: UserID
    var claimedAt: Instant
    var releasedAt: Instant?
}

/// A row of `verifications`.
struct VerificationRow {
    enum State: String { case issued, used, voided }

    var id: VerificationID
    var user: UserID
    var purpose: String
    var state = State.issued
    var emailDigest: [UInt8]
    var issuedAt: Instant
    var expiresAt: Instant
    var usedAt: Instant?
    var voidedAt: Instant?
    var voidReason: String?
}

/// A row of `stored_mails`. A failed attempt that will be repeated leaves the mail `requested`.
struct MailRow {
    enum State: String, CaseIterable, StoredWord {
        case requested, sent, failed

        static let stored = allCases
        var name: String { rawValue }
    }

    /// What is indexed of a mail's person.
    static let shortUser = "substr(user_id, 12)"

    var id: MailID
    var template: MailTemplate
    var user: UserID
    /// What led to it: one of these, or neither.
    var order: OrderID?
    var verification: VerificationID?
    var state = State.requested
    var failures: Int64 = 0
    var error: String?
    var providerID: String?
    var requestedAt: Instant
    var updatedAt: Instant
}
