import DaybookCore
import DaybookDecisions
import DaybookLog

/// What came of a request: the result to give, and the calls that it asks for.
struct Handled: Sendable {
    var result: CommandResult
    /// Intents of this request and of what followed from it, in log order.
    var intents: [PendingIntent]
    /// What was recorded of its orders' payments, in log order; empty for a repeat. Whoever makes the calls
    /// adds what was recorded because of them.
    var payments: [PaymentStep] = []
}

/// The single writer: decides against the state in memory and stages what was decided.
///
/// Synchronous and confined to one thread; it makes no system call but to load a closed order that a
/// late command needs. State is ahead of the disk by what is staged: nothing that follows from it is
/// told to anybody before `LogCommitter` made it durable.
final class EngineCore {
    // Unchecked exclusivity: one thread uses a core, and no closure that it calls gets hold of it.
    @exclusivity(unchecked) private(set) var shop: Shop
    @exclusivity(unchecked) private(set) var keys: IdempotencyTable
    let writer: LogWriter
    let reader: LogReader
    let settings: ShopSettings

    init(state: EngineState, writer: LogWriter, reader: LogReader, settings: ShopSettings) {
        shop = state.shop
        keys = state.keys
        self.writer = writer
        self.reader = reader
        self.settings = settings
    }

    var state: EngineState { EngineState(shop: shop, keys: keys) }

    /// A state of this core as a snapshot of its log.
    func snapshot(of state: EngineState, _ position: LogPosition, chain: Digest) -> Snapshot {
        Snapshot(
            logID: reader.logID, position: position, chain: chain,
            vocabulary: reader.upcasters.digest, state: state)
    }

    func partKeys(atLeast count: Int) { keys.part(atLeast: count) }

    func adopt(_ putAway: KeysPutAway) { keys.adopt(putAway) }

    func bringBackKeys(from after: LogPosition) throws(DaybookError) {
        try keys.bringBack(from: after, reading: reader)
    }

    func load(_ facts: [Fact]) {
        shop.load(facts)
    }

    /// Closed orders whose events are durable may leave the memory.
    func markDurable(through position: LogPosition) {
        shop.markDurable(through: position)
    }
}

// MARK: - Handling a request

extension EngineCore {
    /// Decides the request and stages what follows, also what policies ask for next.
    ///
    /// - Returns: what to answer once everything staged so far is durable.
    func handle(_ prepared: PreparedRequest) throws(DaybookError) -> Handled {
        if let scope = prepared.scope, let position = try recordedPosition(of: scope),
            !Mutant.keyIgnored.isPlanted
        {
            return Handled(
                result: try repeated(prepared, scope: scope, position: position), intents: [])
        }
        let facts = try decideAndStage(prepared)
        guard let first = facts.first, let last = facts.last else {
            return Handled(
                result: CommandResult(
                    positions: nil, isRepeat: false,
                    values: values(of: prepared.commands, from: [])),
                intents: [])
        }
        if let scope = prepared.scope {
            keys.record(scope, at: first.position)
        }
        let result = CommandResult(
            positions: first.position...last.position, isRepeat: false,
            values: values(of: prepared.commands, from: facts))
        var intents = facts.compactMap(shop.pendingIntent)
        // The request is recorded whatever becomes of its follow-ups; those that cannot be recorded
        // now are asked for again at the next start.
        intents += (try? followUp(facts, of: prepared)) ?? []
        return Handled(
            result: result, intents: intents,
            payments: facts.compactMap { PaymentStep($0.event) })
    }

    /// Everything the commands record, staged and folded in; nothing at all on a rejection.
    private func decideAndStage(
        _ prepared: PreparedRequest
    ) throws(DaybookError) -> [Fact] {
        for command in prepared.commands { try loadSubjects(of: command) }
        var context = DecisionContext(
            now: prepared.now, actor: prepared.actor, settings: settings,
            identifiers: prepared.identifiers)
        guard prepared.commands.count > 1 else {
            let events = try decide(prepared.commands[0], given: shop, in: &context)
            let facts = try stage(events, for: prepared)
            for fact in facts { ShopDecider.evolve(&shop, with: fact) }
            return facts
        }
        // A copy shares its storage until it is written to, so only what the commands touch is copied.
        var trial = shop
        var events: [Event] = []
        if PlantedBug.transactionLeaksState.isPlanted {
            defer { shop = trial }
            for command in prepared.commands {
                let more = try decide(command, given: trial, in: &context)
                let head = writer.stagedHead.advanced(by: events.count)
                for fact in facts(of: more, behind: head, at: prepared.now) {
                    ShopDecider.evolve(&trial, with: fact)
                }
                events += more
            }
            return try stage(events, for: prepared)
        }
        for command in prepared.commands {
            let more = try decide(command, given: trial, in: &context)
            let head = writer.stagedHead.advanced(by: events.count)
            for fact in facts(of: more, behind: head, at: prepared.now) {
                ShopDecider.evolve(&trial, with: fact)
            }
            events += more
        }
        let facts = try stage(events, for: prepared)
        shop = trial
        return facts
    }

    private func decide(
        _ command: PreparedCommand, given state: Shop, in context: inout DecisionContext
    ) throws(DaybookError) -> [Event] {
        do throws(Rejection) {
            return try ShopDecider.decide(command, given: state, in: &context)
        } catch {
            throw .rejected(error)
        }
    }

    private func facts(of events: [Event], behind head: LogPosition, at now: Instant) -> [Fact] {
        events.enumerated().map { index, event in
            Fact(position: head.advanced(by: index + 1), recordedAt: now, event: event)
        }
    }

    private func stage(
        _ events: [Event], for prepared: PreparedRequest
    ) throws(DaybookError) -> [Fact] {
        guard !events.isEmpty else { return [] }
        let facts = facts(of: events, behind: writer.stagedHead, at: prepared.now)
        let metadata = BatchMetadata(
            recordedAt: prepared.now, actor: prepared.actor, command: prepared.commandName,
            idempotencyKey: prepared.key?.rawValue, fingerprint: prepared.fingerprint,
            causationPosition: prepared.causation)
        do throws(EventLogError) {
            // The decision holds for the state up to the staged head; nobody else may have appended.
            _ = try writer.stage(
                metadata, when: .nothingMatches(.all, after: writer.stagedHead)
            ) { encoder in
                for event in events {
                    encoder.event(
                        type: event.type, schemaVersion: event.schemaVersion,
                        tags: { event.visitTags(&$0) }, payload: { event.encode(into: &$0) })
                }
            }
        } catch {
            throw DaybookError(log: error)
        }
        return facts
    }

    /// What policies ask for because of these facts, each as its own later batch.
    private func followUp(
        _ facts: [Fact], of prepared: PreparedRequest
    ) throws(DaybookError) -> [PendingIntent] {
        var intents: [PendingIntent] = []
        for command in FollowUps.commands(after: facts, in: shop, settings: settings) {
            let followUp = PreparedRequest(
                command, as: .system, at: prepared.now, identifiers: prepared.identifiers,
                because: facts.last?.position)
            intents += try handle(followUp).intents
        }
        return intents
    }
}
