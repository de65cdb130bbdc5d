import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct `Table of accounts` {
    @Test(arguments: [UInt64(1), 2, 3])
    func `given random accounts and changes, when compared with plain ones, then both are the same`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var table = UserTable()
        var model: [UserState] = []
        func instant(_ random: inout SeededGenerator) -> Instant {
            Instant(microseconds: Int64.random(in: .min ... .max, using: &random))
        }
        for step in 0..<4_000 {
            if random.one(in: 3) || model.isEmpty {
                let user = UserState(
                    id: UserID(rawValue: UInt128.random(in: 0...UInt128.max, using: &random)),
                    // Few addresses, so that claims pass on.
                    emailDigest: EmailDigest(
                        digest: [UInt8](repeating: UInt8(random.int(0...200)), count: 32)
                            .withUnsafeBytes { Digest(bytes: $0) }),
                    registration: LogPosition(rawValue: UInt64(step)),
                    registeredAt: instant(&random))
                for index in model.indices where model[index].emailDigest == user.emailDigest {
                    model[index].holdsClaim = false
                }
                table.add(user)
                model.append(user)
            } else {
                let index = random.int(0...model.count - 1)
                var user = model[index]
                switch random.int(0...5) {
                case 0: user.isDeactivated.toggle()
                case 1: user.emailVerifiedAt = random.one(in: 3) ? nil : instant(&random)
                case 2:
                    user.link = VerificationLink(
                        id: VerificationID(rawValue: UInt128(step)), expiresAt: instant(&random),
                        isLive: random.one(in: 2))
                    user.wasIssuedLink = true
                case 3: user.link = nil
                case 4: user.resends = random.one(in: 2) ? [] : [instant(&random)]
                default: user.noticedAt = random.one(in: 3) ? instant(&random) : nil
                }
                model[index] = user
                table.update(user.id) { $0 = user }
            }
        }
        var all: [UserState] = []
        table.forEach { all.append($0) }
        #expect(all == model, "seed \(seed)")
        for user in model {
            let found = table[user.id]
            #expect(found == user, "seed \(seed)")
            let holder = table[user.emailDigest]
            #expect(holder == model.last { $0.emailDigest == user.emailDigest }, "seed \(seed)")
        }
        let unknown = table[UserID(rawValue: 0)]
        #expect(unknown == nil)
    }
}
