import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog

/// Calls that follow from requests, made as soon as their intents are durable.
extension Daybook {
    /// Makes the calls that a request asked for, and those that follow from their outcomes. Money
    /// calls are waited for; mails are handed to the queue, since no command waits for mail.
    ///
    /// - Returns: what was recorded because of them, in order.
    @discardableResult
    func react(to intents: [PendingIntent]) async throws(DaybookError) -> [Fact] {
        var waiting = intents[...]
        var facts: [Fact] = []
        while let intent = waiting.popFirst() {
            guard !queue(mail: intent) else { continue }
            guard let outcome = await gatewayReactor.perform(intent.kind, at: configuration.clock())
            else { continue }
            guard let recorded = try await record(outcome, of: intent, at: configuration.clock())
            else { continue }
            facts += recorded.facts
            waiting += recorded.intents
        }
        return facts
    }

    /// The same for many requests: calls first, then what they came to as one bulk, until nothing
    /// follows any more.
    ///
    /// - Parameter times: for what an import asked for, the time of the asking: history keeps its times.
    /// - Returns: the answers with the facts that were recorded because of them; a failure in place
    ///   of an answer whose outcomes could not be recorded.
    func reactToAll(
        _ answers: [Result<Handled, DaybookError>], times: [Instant?]
    ) async -> [Result<Handled, DaybookError>] {
        var answers = answers
        var waiting: [MoneyCall] = []
        func waitFor(_ intents: [PendingIntent], of owner: Int) {
            for intent in intents where !queue(mail: intent) {
                waiting.append(MoneyCall(intent: intent, owner: owner, importedAt: times[owner]))
            }
        }
        for (index, answer) in answers.enumerated() {
            if case .success(let handled) = answer { waitFor(handled.intents, of: index) }
        }
        while !waiting.isEmpty {
            let made = await make(waiting)
            waiting.removeAll(keepingCapacity: true)
            for (call, recorded) in zip(made, await submit(made.map(\.request))) {
                switch recorded {
                case .success(let recorded):
                    guard case .success(var handled) = answers[call.owner] else { continue }
                    handled.facts += recorded.facts
                    answers[call.owner] = .success(handled)
                    waitFor(recorded.intents, of: call.owner)
                case .failure(let error):
                    // Settled meanwhile by a message or by another call: nothing is to be recorded.
                    if case .rejected = error.kind { continue }
                    answers[call.owner] = .failure(error)
                }
            }
        }
        return answers
    }

    /// Records what a call came to.
    ///
    /// - Returns: what is to be done because of it; `nil` when there is nothing to record, because it
    ///   was settled meanwhile by a message or by another call.
    func record(
        _ outcome: RecordPaymentOutcome, of intent: PendingIntent, at now: Instant
    ) async throws(DaybookError) -> Handled? {
        do throws(DaybookError) {
            return try await submitOne(
                prepared(.recordPaymentOutcome(outcome), as: .gateway, at: now, intent.position))
        } catch {
            guard case .rejected = error.kind else { throw error }
            return nil
        }
    }

    func prepared(
        _ command: PreparedCommand, as actor: Actor, at now: Instant, _ cause: LogPosition?
    ) -> PreparedRequest {
        PreparedRequest(
            command, as: actor, at: now,
            identifiers: FreshIdentifiers(now: now, entropy: preparation.entropy),
            because: cause)
    }
}

// MARK: - Many calls

/// A call to the gateway that somebody waits for.
struct MoneyCall {
    var intent: PendingIntent
    /// Whose it is, as the caller counts.
    var owner: Int
    /// When an import asked for it; `nil`: the clock says when it is made.
    var importedAt: Instant?
}

/// What a call came to, ready to be recorded.
struct MadeCall {
    var owner: Int
    var outcome: PaymentOutcome
    var request: PreparedRequest
}

extension Daybook {
    /// So many calls are made before the state is asked again whether the next ones are still wanted.
    private static let callCount = 64

    /// Makes the calls one after another; those that nobody wants any more are left out.
    func make(_ calls: [MoneyCall]) async -> [MadeCall] {
        var made: [MadeCall] = []
        for start in stride(from: 0, to: calls.count, by: Daybook.callCount) {
            let next = calls[start..<min(start + Daybook.callCount, calls.count)]
            for call in await stillWanted(next) {
                let now = call.importedAt ?? configuration.clock()
                guard let outcome = await gatewayReactor.perform(call.intent.kind, at: now) else {
                    continue
                }
                made.append(
                    MadeCall(
                        owner: call.owner, outcome: outcome.outcome,
                        request: prepared(
                            .recordPaymentOutcome(outcome), as: .gateway, at: now,
                            call.intent.position)))
            }
        }
        return made
    }

    /// An order may have been given up since its payment was asked for; then nobody calls.
    private func stillWanted(_ calls: ArraySlice<MoneyCall>) async -> [MoneyCall] {
        let intents = calls.map(\.intent)
        let isWanted = await writer.inspect { core in intents.map(core.shop.wants) }
        // Without a writer nothing could be recorded.
        guard let isWanted else { return [] }
        return zip(calls, isWanted).filter(\.1).map(\.0)
    }
}
