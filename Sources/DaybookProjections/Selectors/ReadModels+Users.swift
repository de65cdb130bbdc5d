public import DaybookCore

extension ReadModels {
    /// Accounts in the order of their ids, which is that of their registration.
    ///
    /// - Parameters:
    ///   - limit: 0 ... 100.
    ///   - after: the last id of the page before.
    /// - Throws: `invalid_limit`, `not_yet`, `read_model_unavailable`.
    public func users(
        limit: Int = 20, after: UserID? = nil, atLeast: LogPosition? = nil,
        asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<[UserView]> {
        try SelectorError.check(limit: limit)
        return try await answer(from: .users, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(
                """
                SELECT \(UserView.columns) FROM users WHERE user_id > ? ORDER BY user_id LIMIT ?
                """)
            row.bind(identifier: after?.rawValue ?? 0)
            row.bind(Int64(limit))
            var users: [UserView] = []
            while try row.step() { users.append(UserView(row)) }
            return users
        }
    }
}
