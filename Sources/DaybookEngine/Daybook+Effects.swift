import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog

/// Calls that follow from requests, made as soon as their intents are durable.
extension Daybook {
    /// Makes the calls that a request asked for, and those that follow from their outcomes. Money
    /// calls are waited for; mails are handed to the queue, since no command waits for mail.
    ///
    /// - Returns: what was recorded of payments because of them, in order.
    @discardableResult
    func react(to intents: [PendingIntent]) async throws(DaybookError) -> [PaymentStep] {
        var waiting = intents[...]
        var payments: [PaymentStep] = []
        while let intent = waiting.popFirst() {
            guard !queue(mail: intent) else { continue }
            guard let outcome = await gatewayReactor.perform(intent.kind, at: configuration.clock())
            else { continue }
            guard let recorded = try await record(outcome, of: intent, at: configuration.clock())
            else { continue }
            payments += recorded.payments
            waiting += recorded.intents
        }
        return payments
    }

    /// The same for many requests: calls first, then what they came to as one bulk, until nothing
    /// follows any more.
    ///
    /// - Parameter times: for what an import asked for, the time of the asking: history keeps its times.
    /// - Returns: the answers with what was recorded of payments because of them; a failure in place of an
    ///   answer whose outcomes could not be recorded.
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
            for (owner, recorded) in zip(made.owners, await submit(made.requests)) {
                switch recorded {
                case .success(let recorded):
                    guard case .success(var handled) = answers[owner] else { continue }
                    handled.payments += recorded.payments
                    answers[owner] = .success(handled)
                    waitFor(recorded.intents, of: owner)
                case .failure(let error):
                    // Settled meanwhile by a message or by another call: nothing is to be recorded.
                    if case .rejected = error.kind { continue }
                    answers[owner] = .failure(error)
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

/// What calls came to, in the order in which they were made.
struct MadeCalls {
    /// Of each, as the caller counts.
    var owners: [Int] = []
    /// Each ready to be recorded; without those that were handed over.
    var requests: [PreparedRequest] = []
    /// How many outcomes nobody knows.
    var unknownCount = 0
}

extension Daybook {
    /// For so long, by the store's clock, it is taken as known that calls are still wanted. Asking is a
    /// place in the writer's queue: the fewer, the better.
    private static let knownFor: Int64 = 100_000
    /// The writer answers for so many calls at once: behind a slow bank it is asked again and again, and must
    /// not look through all that waits each time.
    private static let askedAtOnce = 1_024

    /// Makes the calls one after another; those that nobody wants any more are left out.
    ///
    /// - Parameter parts: who takes so many outcomes at a time while the next calls are made; what is left in the
    ///   end is returned. `nil`: all are.
    func make(
        _ calls: [MoneyCall],
        handingOver parts: (count: Int, take: ([PreparedRequest]) -> Void)? = nil
    ) async -> MadeCalls {
        var made = MadeCalls()
        made.owners.reserveCapacity(calls.count)
        made.requests.reserveCapacity(min(calls.count, parts?.count ?? .max))
        var rest = calls[...]
        while !rest.isEmpty {
            let (isWanted, known) = await stillWanted(rest.prefix(Daybook.askedAtOnce))
            for (index, isWanted) in isWanted.enumerated() {
                let clock = configuration.clock()
                // A clock that was set back says nothing either. The first goes on whatever it says.
                guard
                    index == 0 || abs(clock.microseconds - known.microseconds) <= Daybook.knownFor,
                    let call = rest.popFirst()
                else { break }
                let now = call.importedAt ?? clock
                guard isWanted,
                    let outcome = await gatewayReactor.perform(call.intent.kind, at: now)
                else { continue }
                if case .unknown = outcome.outcome { made.unknownCount += 1 }
                made.owners.append(call.owner)
                made.requests.append(
                    prepared(
                        .recordPaymentOutcome(outcome), as: .gateway, at: now,
                        call.intent.position))
                guard let parts, made.requests.count == parts.count else { continue }
                parts.take(made.requests)
                made.requests.removeAll(keepingCapacity: true)
            }
        }
        return made
    }

    /// An order may have been given up since its payment was asked for; then nobody calls.
    ///
    /// - Returns: for each call whether it is wanted, and at which time that was so.
    private func stillWanted(
        _ calls: ArraySlice<MoneyCall>
    ) async -> (isWanted: [Bool], at: Instant) {
        let intents = calls.map(\.intent)
        let clock = configuration.clock
        let answer = await writer.inspect { core in (intents.map(core.shop.wants), clock()) }
        // Without a writer nothing could be recorded.
        return answer ?? (intents.map { _ in false }, clock())
    }
}
