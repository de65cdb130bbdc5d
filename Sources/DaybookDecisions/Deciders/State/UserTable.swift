import DaybookCore

/// Every account, densely numbered in the order of registration, by id and by address.
struct UserTable: Sendable {
    private(set) var users = ChunkedArray<UserState>()
    private var indexes = IdentifierMap<Int32>(filler: -1)
    private var claims: [EmailDigest: Int32] = [:]

    /// The number of an account; it stays the same.
    func index(of id: UserID) -> Int? { indexes[id.rawValue].map(Int.init) }

    subscript(_ id: UserID) -> UserState? { indexes[id.rawValue].map { users[Int($0)] } }
    subscript(_ digest: EmailDigest) -> UserState? { claims[digest].map { users[Int($0)] } }

    mutating func add(_ user: UserState) {
        guard indexes[user.id.rawValue] == nil else { return }
        let index = Int32(users.count)
        if user.holdsClaim {
            if let former = claims[user.emailDigest] { users[Int(former)].holdsClaim = false }
            claims[user.emailDigest] = index
        }
        indexes.set(index, for: user.id.rawValue)
        users.append(user)
    }

    mutating func update(_ id: UserID, _ change: (inout UserState) -> Void) {
        guard let index = indexes[id.rawValue] else { return }
        change(&users[Int(index)])
    }
}
