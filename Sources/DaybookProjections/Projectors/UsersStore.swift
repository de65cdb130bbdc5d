internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// The prepared statements of `users.sqlite`.
final class UsersStore {
    private let selectUser: RowStatement
    private let replaceUser: RowStatement
    private let replaceClaim: RowStatement
    private let selectVerification: RowStatement
    private let replaceVerification: RowStatement
    private let selectMail: RowStatement
    private let replaceMail: RowStatement

    init(_ database: Database) throws {
        func replacing(_ table: TableDefinition) throws -> RowStatement {
            try RowStatement(database, table.insertion(orReplace: true))
        }
        func selecting(_ table: TableDefinition) throws -> RowStatement {
            try RowStatement(database, table.selection(suffix: "WHERE \(table.key[0]) = ?"))
        }
        selectUser = try selecting(.users)
        replaceUser = try replacing(.users)
        replaceClaim = try replacing(.emailClaims)
        selectVerification = try selecting(.verifications)
        replaceVerification = try replacing(.verifications)
        selectMail = try selecting(.storedMails)
        replaceMail = try replacing(.storedMails)
    }

    // MARK: Reading

    func user(_ id: UserID) throws -> UserRow? {
        let row = selectUser
        row.bind(identifier: id.rawValue)
        guard try row.step() else { return nil }
        defer { row.reset() }
        guard let state = UserRow.AccountState(rawValue: row.text(1)) else { return nil }
        return UserRow(
            id: id, state: state, reason: row.optionalText(2),
            emailVerifiedAt: row.optionalInstant(3), paymentCustomerID: row.optionalText(4),
            createdAt: row.instant(5), updatedAt: row.instant(6), position: row.position(7))
    }

    func verification(_ id: VerificationID) throws -> VerificationRow? {
        let row = selectVerification
        row.bind(identifier: id.rawValue)
        guard try row.step() else { return nil }
        defer { row.reset() }
        guard let state = VerificationRow.State(rawValue: row.text(3)) else { return nil }
        return VerificationRow(
            id: id, user: UserID(rawValue: row.identifier(1)), purpose: row.text(2), state: state,
            emailDigest: row.bytes(4), issuedAt: row.instant(5), expiresAt: row.instant(6),
            usedAt: row.optionalInstant(7), voidedAt: row.optionalInstant(8),
            voidReason: row.optionalText(9))
    }

    func mail(_ id: MailID) throws -> MailRow? {
        let row = selectMail
        row.bind(identifier: id.rawValue)
        guard try row.step() else { return nil }
        defer { row.reset() }
        return MailRow(row)
    }

    // MARK: Writing

    func write(_ user: UserRow) throws {
        let row = replaceUser
        row.bind(identifier: user.id.rawValue)
        row.bind(user.state.rawValue)
        row.bind(user.reason)
        row.bind(user.emailVerifiedAt)
        row.bind(user.paymentCustomerID)
        row.bind(user.createdAt)
        row.bind(user.updatedAt)
        row.bind(user.position)
        try row.run()
    }

    func write(_ claim: EmailClaimRow) throws {
        let row = replaceClaim
        row.bind(bytes: claim.digest.digest.bytes)
        row.bind(identifier: claim.user.rawValue)
        row.bind(claim.claimedAt)
        row.bind(claim.releasedAt)
        try row.run()
    }

    func write(_ verification: VerificationRow) throws {
        let row = replaceVerification
        row.bind(identifier: verification.id.rawValue)
        row.bind(identifier: verification.user.rawValue)
        row.bind(verification.purpose)
        row.bind(verification.state.rawValue)
        row.bind(bytes: verification.emailDigest)
        row.bind(verification.issuedAt)
        row.bind(verification.expiresAt)
        row.bind(verification.usedAt)
        row.bind(verification.voidedAt)
        row.bind(verification.voidReason)
        try row.run()
    }

    func write(_ mail: MailRow) throws {
        let row = replaceMail
        row.bind(identifier: mail.id.rawValue)
        row.bind(mail.template)
        row.bind(identifier: mail.user.rawValue)
        row.bind(identifier: mail.order?.rawValue, behind: mail.id.rawValue)
        row.bind(identifier: mail.verification?.rawValue)
        row.bind(mail.state)
        row.bind(mail.failures)
        row.bind(mail.error)
        row.bind(mail.providerID)
        row.bind(mail.requestedAt)
        row.bind(mail.updatedAt.microseconds &- mail.requestedAt.microseconds)
        try row.run()
    }
}

extension MailRow {
    /// Reads the columns of `stored_mails` in their order; `nil` when a word is unknown.
    init?(_ row: RowStatement) {
        guard let template = row.word(1, MailTemplate.self), let state = row.word(5, State.self)
        else { return nil }
        let id = row.identifier(0)
        self.init(
            id: MailID(rawValue: id), template: template,
            user: UserID(rawValue: row.identifier(2)),
            order: row.optionalIdentifier(3, behind: id).map(OrderID.init(rawValue:)),
            verification: row.optionalIdentifier(4).map(VerificationID.init(rawValue:)),
            state: state, failures: row.integer(6), error: row.optionalText(7),
            providerID: row.optionalText(8), requestedAt: row.instant(9),
            updatedAt: Instant(microseconds: row.integer(9) &+ row.integer(10)))
    }
}
