public import DaybookCore

extension ReadModels {
    /// One account.
    ///
    /// - Throws: `user_not_found`, `not_yet`, `read_model_unavailable`.
    public func user(
        id: UserID, atLeast: LogPosition? = nil, asOf moment: Moment? = nil
    ) async throws(SelectorError) -> Answer<UserView> {
        try await answer(from: .users, atLeast: atLeast, asOf: moment) { snapshot in
            let row = try snapshot.statement(Snapshot.userByID)
            row.bind(identifier: id.rawValue)
            guard try row.step() else {
                throw SelectorError(code: .userNotFound, message: "there is no user \(id)")
            }
            defer { row.reset() }
            return UserView(row)
        }
    }
}

extension Snapshot {
    fileprivate static let userByID = StatementText(
        "SELECT \(UserView.columns) FROM users WHERE user_id = ?")
}
