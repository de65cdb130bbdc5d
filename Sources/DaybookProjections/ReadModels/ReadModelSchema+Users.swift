internal import DaybookCore
internal import DaybookDecisions

extension ReadModelSchema {
    /// `users.sqlite`: accounts, who claims which address, links, and mail.
    package static let users = ReadModelSchema(
        name: .users, projectorVersion: 5,
        tables: [.users, .emailClaims, .verifications, .storedMails, .parkedEvents],
        views: [.mails],
        indexes: [
            // The end of an identifier is chance: five bytes of it find a person's mails, and hardly ever
            // those of anybody else. What was requested last is sorted when asked for.
            "CREATE INDEX mails_by_user ON stored_mails (\(MailRow.shortUser))"
        ])
}

extension TableDefinition {
    package static let users = TableDefinition(
        name: "users",
        columns: [
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("account_state", .text),
            ColumnDefinition("account_reason", .text, optional: true),
            ColumnDefinition("email_verified_at", .time, optional: true),
            ColumnDefinition("payment_customer_id", .text, optional: true),
            ColumnDefinition("created_at", .time),
            ColumnDefinition("updated_at", .time),
            ColumnDefinition("position", .integer),
            ColumnDefinition(
                "is_active", .flag,
                derivedAs: "account_state = 'enabled' AND email_verified_at IS NOT NULL"),
        ],
        key: ["user_id"])

    /// Who holds an address, known by its digest only; the address itself stays sealed in the log.
    package static let emailClaims = TableDefinition(
        name: "email_claims",
        columns: [
            ColumnDefinition("digest", .bytes),
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("claimed_at", .time),
            ColumnDefinition("released_at", .time, optional: true),
        ],
        key: ["digest"])

    package static let verifications = TableDefinition(
        name: "verifications",
        columns: [
            ColumnDefinition("verification_id", .identifier(prefix: VerificationID.prefix)),
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            ColumnDefinition("purpose", .text),
            ColumnDefinition("state", .text),
            ColumnDefinition("email_digest", .bytes),
            ColumnDefinition("issued_at", .time),
            ColumnDefinition("expires_at", .time),
            ColumnDefinition("used_at", .time, optional: true),
            ColumnDefinition("voided_at", .time, optional: true),
            ColumnDefinition("void_reason", .text, optional: true),
        ],
        key: ["verification_id"])

    /// Words as numbers; ``mails`` shows them to people.
    package static let storedMails = TableDefinition(
        name: "stored_mails",
        columns: [
            ColumnDefinition("mail_id", .identifier(prefix: MailID.prefix)),
            ColumnDefinition("template", .word(MailTemplate.names)),
            ColumnDefinition("user_id", .identifier(prefix: UserID.prefix)),
            // What led to it: one of these, or neither; an order behind what it has in common with the mail.
            ColumnDefinition(
                "order_id_end", .identifierEnd(prefix: OrderID.prefix), optional: true),
            ColumnDefinition(
                "verification_id", .identifier(prefix: VerificationID.prefix), optional: true),
            ColumnDefinition("state", .word(MailRow.State.names)),
            ColumnDefinition("failures", .integer),
            ColumnDefinition("error", .text, optional: true),
            ColumnDefinition("provider_id", .text, optional: true),
            ColumnDefinition("requested_at", .time),
            // Microseconds after `requested_at`.
            ColumnDefinition("updated_after", .integer),
        ],
        key: ["mail_id"], isPackedWhole: true)

    /// The mails for people.
    package static let mails = TableDefinition(
        name: "mails", showing: storedMails, key: ["mail_id"],
        [
            "mail_id", "template", "user_id", "order_id", "verification_id", "state", "failures",
            "error", "provider_id", "requested_at", "updated_at",
        ],
        instead: [
            "order_id":
                "CAST(substr(mail_id, 1, 16 - length(order_id_end)) || order_id_end AS BLOB)",
            "updated_at": "requested_at + updated_after",
        ],
        kinds: ["order_id": .identifier(prefix: OrderID.prefix)])
}
