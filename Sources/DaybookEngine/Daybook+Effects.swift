import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog
import Synchronization

/// How many calls were made, by what came of them.
public struct ReactorReport: Hashable, Sendable {
    public var performed = 0
    /// Of these, calls whose outcome nobody knows.
    public var unknown = 0
    public var mailsSent = 0
    /// Mails that could not be handed over; those that may succeed later stay to be sent.
    public var mailsFailed = 0
    /// Messages of the provider that were taken in.
    public var messages = 0
    /// Messages of the provider that make no sense here; they stay with the provider.
    public var refusedMessages = 0

    public init() {}
}

// MARK: - As soon as an intent is durable

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
        var waiting: [(answer: Int, intent: PendingIntent)] = []
        for (index, answer) in answers.enumerated() {
            guard case .success(let handled) = answer else { continue }
            for intent in handled.intents where !queue(mail: intent) {
                waiting.append((index, intent))
            }
        }
        while !waiting.isEmpty {
            var outcomes: [PreparedRequest] = []
            var owners: [Int] = []
            for start in stride(from: 0, to: waiting.count, by: Daybook.callCount) {
                let calls = waiting[start..<min(start + Daybook.callCount, waiting.count)]
                for (owner, intent) in await stillWanted(calls) {
                    let now = times[owner] ?? configuration.clock()
                    guard let outcome = await gatewayReactor.perform(intent.kind, at: now) else {
                        continue
                    }
                    owners.append(owner)
                    outcomes.append(
                        prepared(
                            .recordPaymentOutcome(outcome), as: .gateway, at: now, intent.position))
                }
            }
            waiting.removeAll(keepingCapacity: true)
            for (owner, recorded) in zip(owners, await submit(outcomes)) {
                switch recorded {
                case .success(let recorded):
                    guard case .success(var handled) = answers[owner] else { continue }
                    handled.facts += recorded.facts
                    answers[owner] = .success(handled)
                    for intent in recorded.intents where !queue(mail: intent) {
                        waiting.append((owner, intent))
                    }
                case .failure(let error):
                    // Settled meanwhile by a message or by another call: nothing is to be recorded.
                    if case .rejected = error.kind { continue }
                    answers[owner] = .failure(error)
                }
            }
        }
        return answers
    }

    /// So many calls are made before the state is asked again whether the next ones are still wanted.
    private static let callCount = 64

    /// An order may have been given up since its payment was asked for; then nobody calls.
    private func stillWanted(
        _ calls: ArraySlice<(answer: Int, intent: PendingIntent)>
    ) async -> [(answer: Int, intent: PendingIntent)] {
        let intents = calls.map(\.intent)
        let isWanted = await writer.inspect { core in intents.map(core.shop.wants) }
        // Without a writer nothing could be recorded.
        guard let isWanted else { return [] }
        return zip(calls, isWanted).filter(\.1).map(\.0)
    }

    /// Mails never keep a command waiting.
    ///
    /// - Returns: whether the intent is a mail.
    private func queue(mail intent: PendingIntent) -> Bool {
        guard intent.isMail else { return false }
        if configuration.reactors == .automatic {
            mailQueue.add(intent) { [self] mails in _ = try? await sendMails(mails) }
        }
        return true
    }

    /// Records what a call came to.
    ///
    /// - Returns: what is to be done because of it; `nil` when there is nothing to record, because it
    ///   was settled meanwhile by a message or by another call.
    private func record(
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

    private func prepared(
        _ command: PreparedCommand, as actor: Actor, at now: Instant, _ cause: LogPosition?
    ) -> PreparedRequest {
        PreparedRequest(
            command, as: actor, at: now,
            identifiers: FreshIdentifiers(now: now, entropy: preparation.entropy),
            because: cause)
    }

    /// Writes and sends mails, one after another, and records what came of them as one bulk.
    ///
    /// - Returns: how many were sent, and how many were not.
    private func sendMails(
        _ intents: [PendingIntent]
    ) async throws(DaybookError) -> (sent: Int, failed: Int) {
        let mails = intents.compactMap { intent -> (request: MailRequested, at: LogPosition)? in
            guard case .mail(let mail) = intent.kind else { return nil }
            return (mail, intent.position)
        }
        try await recordMails([])
        let recipients = await writer.inspect { core in
            mails.map { mail in
                (
                    isPending: core.shop.isPending(mail: mail.request.mailID),
                    registration: core.shop.registration(of: mail.request.userID)
                )
            }
        }
        guard let recipients else { throw .closed }
        var outcomes: [PreparedRequest] = []
        var sentCount = 0
        for (mail, (isPending, registration)) in zip(mails, recipients) where isPending {
            let outcome = await mailReactor.perform(
                mail.request, requestedAt: mail.at, registration: registration)
            if case .sent = outcome { sentCount += 1 }
            outcomes.append(
                prepared(
                    .recordMailOutcome(
                        RecordMailOutcome(mail: mail.request.mailID, outcome: outcome)),
                    as: .system, at: configuration.clock(), mail.at))
        }
        try await recordMails(outcomes)
        return (sentCount, outcomes.count - sentCount)
    }

    /// Records what came of mails, those first that could not be recorded before: without space, the same
    /// mails must not be sent again and again.
    private func recordMails(_ outcomes: [PreparedRequest]) async throws(DaybookError) {
        let all = unrecordedMails.withLock { unrecorded in
            defer { unrecorded = [] }
            return unrecorded + outcomes
        }
        var failure: DaybookError?
        for (outcome, answer) in zip(all, await submit(all)) {
            guard case .failure(let error) = answer else { continue }
            failure = failure ?? error
            unrecordedMails.withLock { $0.append(outcome) }
        }
        if let failure { throw failure }
    }
}

// MARK: - What is left over

extension Daybook {
    /// Does everything that was asked for and not done, in log order: follow-ups of policies, calls to
    /// the gateway, mails. Called by itself at start; by the caller in ``ReactorMode/manual``.
    ///
    /// Outcomes are recorded in the order of their intents. For what an import asked for they are
    /// recorded at the time of the intent, so that history keeps its times.
    @discardableResult
    public func runReactors() async throws(DaybookError) -> ReactorReport {
        try await runReactors(withMails: true)
    }

    /// - Parameter withMails: otherwise mails go on waiting.
    @discardableResult
    func runReactors(withMails: Bool) async throws(DaybookError) -> ReactorReport {
        var report = ReactorReport()
        var done = LogPosition.start
        while true {
            try await runFollowUpsAtStart()
            let head = head
            let intents = try await pendingIntents().filter {
                !$0.isUnknown && $0.position > done && (withMails || !$0.isMail)
                    && ($0.position <= head || PlantedBug.callBeforeDurable.isPlanted)
            }
            guard let last = intents.last else { return report }
            done = last.position
            try await perform(intents, &report)
        }
    }

    private func pendingIntents() async throws(DaybookError) -> [PendingIntent] {
        guard let intents = await writer.inspect({ $0.shop.pendingIntents }) else { throw .closed }
        return intents
    }

    /// Policies whose own batch a crash has prevented.
    private func runFollowUpsAtStart() async throws(DaybookError) {
        let settings = preparation.settings
        let commands = await writer.inspect { core in
            FollowUps.commandsAtStart(in: core.shop, settings: settings, limit: 10_000)
        }
        for command in commands ?? [] {
            let now = try await timeOfFollowUp(command)
            _ = try await submitOne(prepared(command, as: .system, at: now, nil))
        }
    }

    /// Imported orders go on at their own time.
    private func timeOfFollowUp(_ command: PreparedCommand) async throws(DaybookError) -> Instant {
        guard case .startProcessing(let command) = command,
            let order = await writer.inspect({ $0.shop.order(command.order) }) ?? nil,
            order.isImported
        else { return configuration.clock() }
        return order.placedAt
    }

    /// Calls first, then all outcomes as one bulk, so that a thousand payments share their syncs.
    private func perform(
        _ intents: [PendingIntent], _ report: inout ReactorReport
    ) async throws(DaybookError) {
        var outcomes: [PreparedRequest] = []
        var mails: [PendingIntent] = []
        for intent in intents {
            if intent.isMail {
                mails.append(intent)
                if mails.count == MailQueue.batchCount { try await send(&mails, &report) }
                continue
            }
            let now = try time(of: intent)
            guard let outcome = await gatewayReactor.perform(intent.kind, at: now) else { continue }
            report.performed += 1
            if case .unknown = outcome.outcome { report.unknown += 1 }
            outcomes.append(
                prepared(.recordPaymentOutcome(outcome), as: .gateway, at: now, intent.position))
        }
        try await send(&mails, &report)
        for answer in await submit(outcomes) {
            guard case .failure(let error) = answer else { continue }
            // Settled meanwhile: then there is nothing to record.
            guard case .rejected = error.kind else { throw error }
        }
    }

    private func send(
        _ mails: inout [PendingIntent], _ report: inout ReactorReport
    ) async throws(DaybookError) {
        guard !mails.isEmpty else { return }
        let (sent, failed) = try await sendMails(mails)
        report.mailsSent += sent
        report.mailsFailed += failed
        mails = []
    }

    /// The clock's time, or for what an import asked for the time of the asking.
    private func time(of intent: PendingIntent) throws(DaybookError) -> Instant {
        do throws(EventLogError) {
            if let batch = try reader.batch(containing: intent.position),
                batch.metadata.actor == .import
            {
                return batch.metadata.recordedAt
            }
            return configuration.clock()
        } catch {
            throw DaybookError(log: error)
        }
    }
}

// MARK: - Unknown outcomes and timers

extension Daybook {
    /// Settles what nobody knows: takes in the provider's messages and asks about every call whose
    /// outcome is unknown.
    @discardableResult
    public func reconcilePayments() async throws(DaybookError) -> ReactorReport {
        var report = ReactorReport()
        try await ingestMessages(&report)
        for intent in try await pendingIntents() where intent.isUnknown {
            guard let outcome = await gatewayReactor.settle(intent.kind) else {
                report.unknown += 1
                continue
            }
            let recorded = try await record(outcome, of: intent, at: configuration.clock())
            report.performed += 1
            try await react(to: recorded?.intents ?? [])
            guard case .neverReceived = outcome.outcome else { continue }
            // If the order still wants it, the intent is still there: the same key is sent again.
            let again = try await pendingIntents().filter {
                $0.position == intent.position && $0.kind == intent.kind
            }
            try await react(to: again)
        }
        guard configuration.reactors != .manual else { return report }
        // Voids, refunds and mails that failed for a while are tried again here, not only at start.
        await mailQueue.drain()
        let retried = try await runReactors(withMails: configuration.reactors == .automatic)
        report.performed += retried.performed
        report.mailsSent += retried.mailsSent
        report.mailsFailed += retried.mailsFailed
        return report
    }

    /// Takes in what the embedded provider has to say. Acknowledged only when it is durable here.
    private func ingestMessages(_ report: inout ReactorReport) async throws(DaybookError) {
        guard let source = gatewayReactor.gateway as? any GatewayMessageSource else { return }
        let messages = await source.messages()
        var taken: [String] = []
        for message in messages {
            let digest = message.body.withUnsafeBytes { HashFunction.sha256.digest([$0]) }
            let event = IngestGatewayEvent(
                providerEventID: message.providerEventID, kind: message.kind,
                reference: message.key, paymentReference: message.paymentReference,
                amount: message.amount, occurredAt: message.occurredAt, digest: digest)
            let handled: Handled
            do throws(DaybookError) {
                handled = try await submitOne(
                    prepared(
                        .ingestGatewayEvent(event), as: .gateway, at: configuration.clock(), nil))
            } catch {
                // One message that cannot be taken in must not hold up the others; it stays with the
                // provider.
                guard case .rejected = error.kind else { throw error }
                report.refusedMessages += 1
                continue
            }
            taken.append(message.providerEventID)
            report.messages += 1
            try await react(to: handled.intents)
        }
        do throws(GatewayError) {
            try await source.acknowledge(taken)
        } catch {
            throw DaybookError(.io, "the provider's messages: \(error.message)")
        }
    }

    /// Does what is due by the clock: gives up orders that were not paid by their deadline.
    ///
    /// - Returns: how many orders expired.
    @discardableResult
    public func runTimers() async throws(DaybookError) -> Int {
        let now = configuration.clock()
        let commands =
            await writer.inspect { core in
                FollowUps.commandsDue(at: now, in: core.shop, limit: 10_000)
            } ?? []
        var count = 0
        for command in commands {
            do throws(DaybookError) {
                let handled = try await submitOne(prepared(command, as: .system, at: now, nil))
                count += handled.result.positions == nil ? 0 : 1
                try await react(to: handled.intents)
            } catch {
                // Paid in this very moment: then it is not due any more.
                guard case .rejected = error.kind else { throw error }
            }
        }
        return count
    }
}

extension GatewayMessage {
    /// The charge that the message is about; refund messages name the refund instead.
    fileprivate var paymentReference: String? {
        switch kind {
        case .authorized, .captured, .declined, .voided: reference
        case .refunded, .refundFailed: nil
        }
    }
}
