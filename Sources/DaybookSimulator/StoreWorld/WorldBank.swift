import DaybookCore
import DaybookDecisions
import DaybookGateways

/// The bank of a simulated world: the embedded bank's books, with a line to it that takes its time,
/// breaks, and brings answers late. It outlives every process of the store.
final class WorldBank: PaymentGateway, GatewayMessageSource {
    enum CallKind: Hashable, Sendable { case charge, capture, void, refund }

    /// What arrived at the bank under one key.
    struct Arrival: Hashable, Sendable {
        var kind: CallKind
        var count = 0
    }

    private unowned let world: StoreWorld
    let books: ScriptedBank
    private(set) var arrivals: [String: Arrival] = [:]
    /// Keys whose answer is on its way back.
    private(set) var repliesUnderway: [String: CallKind] = [:]
    private(set) var callsUnderway = 0
    private var keysUnderway: [String] = []
    private var deliveredMessages: Set<String> = []
    private(set) var unacknowledgedTaken = 0
    var isDown = false

    init(world: StoreWorld) {
        self.world = world
        books = ScriptedBank(seed: 7)
    }

    // MARK: Calls

    func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer {
        try await call(.charge, key: request.key, amount: request.amount) {
            () throws(GatewayError) in try books.charge(request)
        }
    }

    func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try await call(.capture, key: key, amount: amount) { () throws(GatewayError) in
            try books.capture(key: key, reference: reference, amount: amount, at: instant)
        }
    }

    func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try await call(.void, key: key, amount: nil) { () throws(GatewayError) in
            try books.void(key: key, reference: reference, at: instant)
        }
    }

    func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try await call(.refund, key: key, amount: amount) { () throws(GatewayError) in
            try books.refund(key: key, reference: reference, amount: amount, at: instant)
        }
    }

    private static let broken = GatewayAnswer.unknown(cause: "timeout: the line is broken")

    private func call(
        _ kind: CallKind, key: String, amount: Money?,
        _ act: () throws(GatewayError) -> GatewayAnswer
    ) async throws(GatewayError) -> GatewayAnswer {
        callsUnderway += 1
        keysUnderway.append(key)
        defer { keysUnderway.removeAll { $0 == key } }
        await world.travel()
        callsUnderway -= 1
        guard !world.isDead else { return WorldBank.broken }
        guard !isDown else {
            world.note(.bankDown)
            return WorldBank.broken
        }
        if world.phase == .opening { world.note(.leftOverIntent) }
        arrive(kind, key: key, amount: amount)
        let answer = try act()
        noteAnswer(answer, key: key)
        repliesUnderway[key] = kind
        if kind == .capture || kind == .refund { world.invite() }
        await world.travel()
        repliesUnderway[key] = nil
        return world.isDead ? WorldBank.broken : answer
    }

    private func arrive(_ kind: CallKind, key: String, amount: Money?) {
        let isNew = arrivals[key] == nil
        arrivals[key, default: Arrival(kind: kind)].count += 1
        if !isNew { world.note(.secondCallSameKey) }
        world.checkIntent(key, kind)
        guard isNew else { return }
        books.follow(script(for: kind, amount), forKey: key)
    }

    private func script(for kind: CallKind, _ amount: Money?) -> BankScript {
        guard !world.isHealed else { return .yes }
        if kind == .charge, world.plan.takesWrongAmounts, let amount,
            world.chance.happens(1, in: 4)
        {
            world.note(.wrongAmount)
            return .amount(max(1, amount.minor - 1))
        }
        // A void of what is held and not taken has no reason to be refused.
        var weights = world.plan.bank
        if kind == .void { (weights.decline, weights.lateDecline) = (0, 0) }
        return world.chance.pick([
            (.yes, Int(weights.yes)), (.decline(code: "card_declined"), Int(weights.decline)),
            (.unknown, Int(weights.unknown)), (.unknownThenCaptured, Int(weights.late)),
            (.unknownThenDeclined(code: "card_declined"), Int(weights.lateDecline)),
            (.twice, Int(weights.twice)),
        ])
    }

    private func noteAnswer(_ answer: GatewayAnswer, key: String) {
        switch answer {
        case .declined: world.note(.declined)
        case .unknown: world.note(.outcomeUnknown)
        default: break
        }
    }

    // MARK: Questions and messages

    func lookup(key: String) async throws(GatewayError) -> GatewayLookup {
        await world.travel()
        guard !world.isDead, !isDown else { return .unknown(cause: "the line is broken") }
        let answer = try books.lookup(key: key)
        switch answer {
        case .answered(.captured), .answered(.authorized): world.note(.unknownWasCaptured)
        case .answered(.declined): world.note(.unknownWasDeclined)
        case .nothing: world.note(.callWasLost)
        default: break
        }
        return answer
    }

    func messages() async -> [GatewayMessage] {
        guard !world.isDead, !isDown else { return [] }
        // They may be late: then whoever asks about a call learns of it first.
        guard world.isHealed || !world.chance.happens(1, in: 3) else { return [] }
        let messages = books.messages()
        for message in messages {
            if repliesUnderway[message.key] != nil { world.note(.messageBeforeReply) }
            if !deliveredMessages.insert(message.providerEventID).inserted {
                world.note(.messageTwice)
            }
        }
        unacknowledgedTaken = messages.count
        return messages
    }

    func acknowledge(_ providerEventIDs: [String]) async throws(GatewayError) {
        guard !world.isDead else { return }
        unacknowledgedTaken = 0
        try books.acknowledge(providerEventIDs)
    }

    /// Whether a call about an order is on its way, or its answer.
    func isAnythingUnderway(for order: OrderID) -> Bool {
        keysUnderway.contains { $0.hasPrefix(order.description) }
    }

    /// The process is gone; nobody waits for replies.
    func forgetProcess() {
        repliesUnderway = [:]
        callsUnderway = 0
        unacknowledgedTaken = 0
    }
}

/// Unchecked: a simulation has one thread, and gateways must be `Sendable`.
extension WorldBank: @unchecked Sendable {}
