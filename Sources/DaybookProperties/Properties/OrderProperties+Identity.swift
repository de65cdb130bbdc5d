import DaybookCore
import DaybookDecisions
import DaybookTestKit

extension OrderProperties {
    /// Histories that are mostly about people.
    private static var peopleHistories: Generator<ShopHistory> {
        ShopWorkload.histories { workload in
            workload.commands = { history in
                let commands = ShopCommands(history: history)
                return .weighted([(8, commands.accounts), (1, commands.mails)])
            }
        }
    }

    static var identity: [OrderProperty] {
        [
            audit(
                "P-19", "given any commands, then a token is redeemed once at most",
                by: PeopleBook.self, histories: peopleHistories),
            audit(
                "P-20", "given any commands, then an address has one holder, however it is written",
                by: PeopleBook.self, histories: peopleHistories),
            spellingsAreOne,
            audit(
                "P-20a",
                "given any commands, then a token works exactly while all about it is right",
                by: PeopleBook.self, histories: peopleHistories),
        ]
    }

    private static var spellingsAreOne: OrderProperty {
        let addresses = Generator<String>.emailAddress()
        return OrderProperty(
            "P-20",
            Property(
                "P-20 given two spellings, then they are the same address exactly if they mean the same",
                combine(addresses, addresses)
            ) { left, right in
                let (one, two) = (try CanonicalEmail(left), try CanonicalEmail(right))
                let isSame = PeopleBook.owner(of: left) == PeopleBook.owner(of: right)
                try require((one == two) == isSame, "\(one.canonical) and \(two.canonical)")
                try requireEqual(try CanonicalEmail(one.canonical).canonical, one.canonical)
            })
    }
}
