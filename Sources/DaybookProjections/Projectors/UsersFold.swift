internal import DaybookCore
internal import DaybookDecisions

/// One run of facts, folded to the final rows of `users.sqlite`.
struct UsersFold: RunFold {
    let store: UsersStore
    private var users = RowCache<UserID, UserRow>()
    private var claims = RowCache<EmailDigest, EmailClaimRow>()
    private var verifications = RowCache<VerificationID, VerificationRow>()
    private var mails = RowCache<MailID, MailRow>()

    init(store: UsersStore) {
        self.store = store
    }

    /// Every event is about one person or mail, so there are no parts.
    mutating func apply(_ fact: Fact, _ part: EventPart) throws {
        switch fact.event {
        case .userRegistered(let event): register(event, fact)
        case .verificationIssued(let event): issue(event, fact)
        case .verificationVoided(let event):
            try changeVerification(event.verificationID, fact) {
                if !Mutant.voidNotProjected.isPlanted { $0.state = .voided }
                $0.voidedAt = fact.recordedAt
                $0.voidReason = event.reason.name
            }
        case .emailVerified(let event): try verify(event, fact)
        case .userDeactivated(let event):
            try changeUser(event.userID, fact) {
                $0.state = .disabled
                $0.reason = event.reason
            }
        case .userReactivated(let event):
            try changeUser(event.userID, fact) {
                $0.state = .enabled
                $0.reason = event.reason
            }
        case .mailRequested(let event): request(event, fact)
        case .mailSent(let event):
            try changeMail(event.mailID, fact) {
                $0.state = .sent
                $0.providerID = event.providerID
                $0.error = nil
            }
        case .mailFailed(let event):
            try changeMail(event.mailID, fact) {
                let isOver = !event.willRetry || Mutant.retryProjectedAsFailure.isPlanted
                $0.state = isOver ? .failed : .requested
                $0.failures += 1
                $0.error = event.error
            }
        default: break
        }
    }

    func write() throws {
        for row in users.rows { try store.write(row) }
        for row in claims.rows { try store.write(row) }
        for row in verifications.rows { try store.write(row) }
        for row in mails.rows { try store.write(row) }
    }

    // MARK: Accounts

    private mutating func register(_ event: UserRegistered, _ fact: Fact) {
        users.insert(
            UserRow(
                id: event.userID, createdAt: fact.recordedAt, updatedAt: fact.recordedAt,
                position: fact.position), at: event.userID)
        claims.insert(
            EmailClaimRow(
                digest: event.emailDigest, user: event.userID, claimedAt: fact.recordedAt),
            at: event.emailDigest)
    }

    private mutating func changeUser(
        _ user: UserID, _ fact: Fact, _ body: (inout UserRow) -> Void
    ) throws {
        guard let place = try users.index(of: user, load: store.user) else {
            throw failure(fact, "user \(user) is unknown")
        }
        body(&users[place])
        users[place].updatedAt = fact.recordedAt
        users[place].position = fact.position
    }

    // MARK: Links

    private mutating func issue(_ event: VerificationIssued, _ fact: Fact) {
        verifications.insert(
            VerificationRow(
                id: event.verificationID, user: event.userID, purpose: event.purpose.name,
                emailDigest: event.emailDigest.digest.bytes, issuedAt: fact.recordedAt,
                expiresAt: event.expiresAt), at: event.verificationID)
    }

    private mutating func verify(_ event: EmailVerified, _ fact: Fact) throws {
        try changeUser(event.userID, fact) { $0.emailVerifiedAt = fact.recordedAt }
        try changeVerification(event.verificationID, fact) {
            $0.state = .used
            $0.usedAt = fact.recordedAt
        }
    }

    private mutating func changeVerification(
        _ id: VerificationID, _ fact: Fact, _ body: (inout VerificationRow) -> Void
    ) throws {
        guard let place = try verifications.index(of: id, load: store.verification) else {
            throw failure(fact, "verification \(id) is unknown")
        }
        body(&verifications[place])
    }

    // MARK: Mail

    private mutating func request(_ event: MailRequested, _ fact: Fact) {
        mails.insert(
            MailRow(
                id: event.mailID, template: event.template, user: event.userID,
                order: event.orderID, verification: event.verificationID,
                requestedAt: fact.recordedAt, updatedAt: fact.recordedAt), at: event.mailID)
    }

    private mutating func changeMail(
        _ id: MailID, _ fact: Fact, _ body: (inout MailRow) -> Void
    ) throws {
        guard let place = try mails.index(of: id, load: store.mail) else {
            throw failure(fact, "mail \(id) is unknown")
        }
        body(&mails[place])
        mails[place].updatedAt = fact.recordedAt
    }

    private func failure(_ fact: Fact, _ reason: String) -> ProjectionError {
        ProjectionError(
            model: .users, position: fact.position, type: fact.event.type, reason: reason)
    }
}
