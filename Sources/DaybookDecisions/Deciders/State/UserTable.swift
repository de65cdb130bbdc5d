import DaybookCore

/// Every account, densely numbered in the order of registration, by id and by address.
///
/// An account takes 72 bytes and two entries of an index; what only some have is kept aside.
struct UserTable: ~Copyable, Sendable {
    private var users = ChunkedArray<PackedUser>()
    /// By number.
    private var extras: [Int32: UserExtras] = [:]
    private var numbers = PlaceIndex()
    /// The accounts that hold their address, by it.
    private var claims = PlaceIndex()

    func copy() -> UserTable {
        var copy = UserTable()
        copy.users = users
        copy.extras = extras
        copy.numbers = numbers
        copy.claims = claims
        return copy
    }

    var count: Int { users.count }

    /// The number of an account; it stays the same.
    func index(of id: UserID) -> Int? {
        numbers.place(PlaceIndex.hash(id.rawValue)) { users[Int($0)].id == id }.map(Int.init)
    }

    /// - Parameter number: below ``count``.
    func id(_ number: Int) -> UserID { users[number].id }

    subscript(_ id: UserID) -> UserState? { index(of: id).map { user($0) } }
    subscript(_ digest: EmailDigest) -> UserState? { holder(of: digest).map { user($0) } }

    /// Visits every account in the order of registration.
    func forEach(_ body: (UserState) -> Void) {
        for number in 0..<count { body(user(number)) }
    }

    mutating func add(_ user: UserState) {
        guard index(of: user.id) == nil else { return }
        let number = users.count
        if user.holdsClaim {
            if let former = holder(of: user.emailDigest) {
                users[former].facts.remove(.holdsClaim)
                claims.remove(UserTable.hash(user.emailDigest)) { $0 == UInt32(former) }
            }
            claims.insert(UInt32(number), UserTable.hash(user.emailDigest))
        }
        numbers.insert(UInt32(number), PlaceIndex.hash(user.id.rawValue))
        users.append(PackedUser(user))
        setExtras(UserExtras(user), of: number)
    }

    /// - Precondition: identifier, address and claim stay as they are.
    mutating func update(_ id: UserID, _ change: (inout UserState) -> Void) {
        guard let number = index(of: id) else { return }
        var user = user(number)
        change(&user)
        users[number] = PackedUser(user)
        setExtras(UserExtras(user), of: number)
    }

    private func user(_ number: Int) -> UserState {
        let packed = users[number]
        return packed.unpacked(packed.facts.contains(.hasExtras) ? extras[Int32(number)] : nil)
    }

    private mutating func setExtras(_ new: UserExtras?, of number: Int) {
        if let new {
            users[number].facts.insert(.hasExtras)
            extras[Int32(number)] = new
        } else if extras.removeValue(forKey: Int32(number)) != nil {
            users[number].facts.remove(.hasExtras)
            // A dictionary never gives room back by itself, and a wave of registrations leaves much.
            if extras.capacity > 1_024, extras.count * 4 < extras.capacity {
                extras = Dictionary(uniqueKeysWithValues: extras.lazy.map { ($0, $1) })
            }
        }
    }

    private func holder(of digest: EmailDigest) -> Int? {
        claims.place(UserTable.hash(digest)) { users[Int($0)].emailDigest == digest }.map(Int.init)
    }

    /// The process's own random hash: addresses are chosen by outsiders.
    private static func hash(_ digest: EmailDigest) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(digest)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}

/// What every account has.
private struct PackedUser: Sendable {
    /// In halves: sixteen bytes at once would be aligned to sixteen, and the account grow to 80.
    private let idHalves: (high: UInt64, low: UInt64)
    let emailDigest: EmailDigest
    private let registeredAt: Instant
    private let emailVerifiedAt: Instant
    /// The position, and the facts in the topmost byte; no log reaches 2^56 events.
    private var registrationAndFacts: UInt64

    struct Facts: OptionSet {
        let rawValue: UInt8
        static let isDeactivated = Facts(rawValue: 1)
        static let isVerified = Facts(rawValue: 2)
        static let holdsClaim = Facts(rawValue: 4)
        static let wasIssuedLink = Facts(rawValue: 8)
        static let hasExtras = Facts(rawValue: 16)
    }

    private static let positionBits = 56

    init(_ user: UserState) {
        idHalves = (
            UInt64(truncatingIfNeeded: user.id.rawValue >> 64),
            UInt64(truncatingIfNeeded: user.id.rawValue)
        )
        emailDigest = user.emailDigest
        registeredAt = user.registeredAt
        emailVerifiedAt = user.emailVerifiedAt ?? Instant(microseconds: 0)
        registrationAndFacts = user.registration.rawValue & (1 << PackedUser.positionBits - 1)
        var facts: Facts = []
        if user.isDeactivated { facts.insert(.isDeactivated) }
        if user.emailVerifiedAt != nil { facts.insert(.isVerified) }
        if user.holdsClaim { facts.insert(.holdsClaim) }
        if user.wasIssuedLink { facts.insert(.wasIssuedLink) }
        self.facts = facts
    }

    var id: UserID { UserID(rawValue: UInt128(idHalves.high) << 64 | UInt128(idHalves.low)) }

    var facts: Facts {
        get { Facts(rawValue: UInt8(registrationAndFacts >> PackedUser.positionBits)) }
        set {
            registrationAndFacts =
                registrationAndFacts & (1 << PackedUser.positionBits - 1)
                | UInt64(newValue.rawValue) << PackedUser.positionBits
        }
    }

    func unpacked(_ extras: UserExtras?) -> UserState {
        let facts = facts
        return UserState(
            id: id, emailDigest: emailDigest,
            registration: LogPosition(
                rawValue: registrationAndFacts & (1 << PackedUser.positionBits - 1)),
            registeredAt: registeredAt, isDeactivated: facts.contains(.isDeactivated),
            emailVerifiedAt: facts.contains(.isVerified) ? emailVerifiedAt : nil,
            holdsClaim: facts.contains(.holdsClaim), link: extras?.link,
            wasIssuedLink: facts.contains(.wasIssuedLink), resends: extras?.resends ?? [],
            noticedAt: extras?.noticedAt)
    }
}

/// What few accounts have: a link that was not used, links that were asked for again, a notice.
private struct UserExtras: Sendable {
    let link: VerificationLink?
    let resends: [Instant]
    let noticedAt: Instant?

    init?(_ user: UserState) {
        guard user.link != nil || !user.resends.isEmpty || user.noticedAt != nil else { return nil }
        link = user.link
        resends = user.resends
        noticedAt = user.noticedAt
    }
}
