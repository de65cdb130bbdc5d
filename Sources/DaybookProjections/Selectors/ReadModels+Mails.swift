public import DaybookCore

extension ReadModels {
    /// Mails, the latest request first.
    ///
    /// - Parameters:
    ///   - user: only those to this person; `nil` means all.
    ///   - limit: 0 ... 100.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func mails(
        user: UserID? = nil, limit: Int = 20, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[MailView]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .users, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(
                user == nil ? Snapshot.allMails : Snapshot.mailsOfUser)
            if let user {
                row.bind(identifier: user.rawValue)
                row.bind(identifier: user.rawValue)
            }
            row.bind(Int64(limit))
            var mails: [MailView] = []
            while try row.step() {
                if let mail = MailRow(row) { mails.append(MailView(mail)) }
            }
            return mails
        }
    }
}

extension Snapshot {
    static let allMails = mails(where: "")
    /// The first condition finds, the second decides.
    static let mailsOfUser = mails(
        where: "WHERE \(MailRow.shortUser) = substr(?, 12) AND user_id = ?")

    private static func mails(where condition: String) -> StatementText {
        StatementText(
            TableDefinition.storedMails.selection(
                suffix: "\(condition) ORDER BY requested_at DESC, mail_id DESC LIMIT ?"))
    }
}
