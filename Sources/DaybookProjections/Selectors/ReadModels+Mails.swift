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
                TableDefinition.storedMails.selection(
                    suffix: """
                        \(user == nil ? "" : "WHERE user_id = ?")
                        ORDER BY requested_at DESC, mail_id DESC LIMIT ?
                        """))
            if let user { row.bind(identifier: user.rawValue) }
            row.bind(Int64(limit))
            var mails: [MailView] = []
            while try row.step() {
                if let mail = MailRow(row) { mails.append(MailView(mail)) }
            }
            return mails
        }
    }
}
