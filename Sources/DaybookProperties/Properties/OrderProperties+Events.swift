import DaybookCore
import DaybookDecisions
import DaybookTestKit

extension OrderProperties {
    /// What holds of the log's content: batches, folds, mails, deadlines.
    static var events: [OrderProperty] {
        let workload = ShopWorkload.workload()
        return [
            audit(
                "P-24", "given any commands, then positions and order numbers leave no gap",
                by: StockBook.self),
            liftedEqualsNative, liftingTakesEveryStep,
            OrderProperty("P-30", named("P-30", Law.foldIsDeterministic(workload)), caseCount: 60),
            OrderProperty("P-30", named("P-30", Law.decidesFromStateOnly(workload)), caseCount: 40),
            audit(
                "P-37",
                "D-18 given any commands, then each cause asks for one mail, and for good reason",
                by: MailBook.self),
            audit(
                "P-38", "given any commands, then a message of the bank is taken in once",
                by: MoneyBook.self), messagesCommute,
            audit(
                "P-39",
                "given any commands, then only what is due and unpaid expires, late money goes back",
                by: DueBook.self),
            audit(
                "Q-2",
                "given any commands, then a paid order asks once to be processed, and may be",
                by: DueBook.self),
            snapshotsGoOn, asOfEqualsFresh,
        ]
    }

    /// The law under the number that it stands for.
    private static func named(_ number: String, _ law: Property) -> Property {
        law.renamed("\(number) given any commands, then \(law.name)")
    }

    // MARK: Messages

    /// What a bank says about one payment, and how it arrives.
    private struct Messages: CountsCommands {
        var mode: CaptureMode
        var said: [Message]
        var arrived: [Message]

        struct Message: Hashable {
            var kind: GatewayEventKind
            var isOurKey: Bool
        }

        var commandCount: Int { 1 + arrived.count }
    }

    private static var messagesCommute: OrderProperty {
        let histories: [[GatewayEventKind]] = [
            [.captured], [.declined], [.authorized], [.authorized, .captured],
            [.authorized, .voided],
        ]
        let cases = Generator { choices in
            let kinds = histories[try choices.below(histories.count)]
            // The first one tells the bank's name for the payment.
            let said = try kinds.enumerated().map { index, kind in
                Messages.Message(
                    kind: kind, isOurKey: try index == 0 || !choices.happens(1, in: 2))
            }
            let copies = try Generator<[Messages.Message]>.redelivered(said).draw(from: choices)
            return Messages(
                mode: try choices.happens(1, in: 2) ? .manual : .automatic, said: said,
                arrived: try Generator<[Messages.Message]>.shuffled(copies).draw(from: choices))
        }
        let sentence =
            "given one payment's messages in any order and number, then the same comes of it"
        return OrderProperty(
            "P-38",
            Property("P-38 \(sentence)", cases) { messages in
                let inOrder = try outcome(of: messages.said, messages.mode)
                let arrived = try outcome(of: messages.arrived, messages.mode)
                try requireEqual(arrived, inOrder)
            })
    }

    private static func outcome(
        of messages: [Messages.Message], _ mode: CaptureMode
    ) throws -> [String] {
        var shop = ShopRun()
        guard shop.apply(ShopRun.order("A", 2, mode)), let placed = shop.lastOrder else {
            throw Discard(reason: "not placed")
        }
        let amount = Money(minor: placed.payableMinor, currency: placed.currency)
        for (index, message) in messages.enumerated() {
            shop.apply(
                ShopCommands.message(
                    message.kind, of: placed.orderID, id: "evt-\(index)",
                    isOurKey: message.isOurKey, amount: amount))
        }
        guard let order = shop.state.order(placed.orderID) else { return ["gone"] }
        return [
            order.status.name, order.paymentState.name, "\(order.payment?.capturedMinor ?? 0)",
            shop.figures(of: "A"),
        ]
    }

    // MARK: States

    static func snapshot(_ shop: Shop) -> [UInt8] {
        var writer = WireWriter(capacity: 1_024)
        shop.encode(into: &writer)
        return writer.bytes
    }

    private static func restored(_ bytes: [UInt8]) throws -> Shop {
        try bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return try Shop(from: &reader)
        }
    }

    /// By way of an image, which is what a snapshot holds.
    private static func imaged(_ shop: Shop) throws -> Shop {
        var writer = WireWriter(capacity: 1_024)
        shop.encodeImage(into: &writer)
        return try restored(writer.bytes)
    }

    /// A snapshot at any step goes on like the state that it was taken of; settled orders, which it
    /// leaves out, come back from the log when they are needed.
    private static var snapshotsGoOn: OrderProperty {
        OrderProperty(
            "P-40",
            Property(
                "P-40 given a snapshot at any step, then it goes on like the state itself",
                withCut(ShopWorkload.histories)
            ) { cut in
                let facts = cut.history.facts
                var live = ShopDecider.initial
                for fact in facts[..<cut.place] { ShopDecider.evolve(&live, with: fact) }
                let bytes = snapshot(live)
                try require(
                    snapshot(restored(bytes)) == bytes, "written, read and written: other bytes")
                var copy = try imaged(live)
                try require(snapshot(copy) == bytes, "its image holds another state")
                try requireSameMembers(live, copy, Array(facts[..<cut.place]))
                for fact in facts[cut.place...] {
                    for tag in copy.subjectsToLoad(for: [fact]) {
                        copy.load(
                            facts.filter {
                                $0.position < fact.position && $0.event.tags.contains(tag)
                            })
                    }
                    ShopDecider.evolve(&copy, with: fact)
                    ShopDecider.evolve(&live, with: fact)
                }
                try require(snapshot(copy) == snapshot(live), "it went another way")
                try requireSameMembers(live, copy, facts)
            })
    }

    /// Both hold the same, member by member. The bytes alone would not show what is not written.
    ///
    /// - Parameter right: may have forgotten orders that are settled.
    private static func requireSameMembers(_ left: Shop, _ right: Shop, _ facts: [Fact]) throws {
        try require(left.pendingIntents == right.pendingIntents, "other work is to be done")
        try require(left.catalogue.products == right.catalogue.products, "other goods")
        for fact in facts {
            switch fact.event {
            case .userRegistered(let event):
                try require(left.user(event.userID) == right.user(event.userID), "another person")
            case .orderPlaced(let event):
                let (one, two) = (left.order(event.orderID), right.order(event.orderID))
                try require(one == two || two == nil && one?.isSettled == true, "another order")
            default: break
            }
        }
    }

    private static var asOfEqualsFresh: OrderProperty {
        OrderProperty(
            "P-40",
            Property(
                "P-40 given any position, then the state as of then is that of a shop fed only so far",
                withCut(ShopWorkload.histories)
            ) { cut in
                // The live state at the cut is the one that decided the next command.
                var live = ShopDecider.initial
                for fact in cut.history.facts[..<cut.place] {
                    ShopDecider.evolve(&live, with: fact)
                }
                let replayed = ShopWorkload.workload().fold(cut.history.facts.prefix(cut.place))
                try require(snapshot(live) == snapshot(replayed), "as of \(cut.place)")
                let whole = ShopWorkload.workload().fold(cut.history.facts)
                try require(
                    snapshot(whole) == snapshot(cut.history.state), "the whole log, folded again")
            }, caseCount: 60)
    }

    /// A history and one of its positions.
    struct CutHistory: CountsCommands, CountsEvents, SwiftSourceConvertible {
        var history: ShopHistory
        /// How many facts are before the cut.
        var place: Int

        var commandCount: Int { history.commandCount }
        var eventCount: Int { history.eventCount }
        var swiftSource: String { "\(history.swiftSource)\n// cut after fact \(place)" }
    }

    static func withCut(_ histories: Generator<ShopHistory>) -> Generator<CutHistory> {
        Generator { choices in
            let history = try histories.draw(from: choices)
            // From the end: 0 is all of it.
            let back = try choices.below(history.facts.count + 1)
            return CutHistory(history: history, place: history.facts.count - back)
        }
    }
}
