import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog

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
            let settings = preparation.settings
            var head = head
            // Both from one look at the state: as a rule there is no follow-up left.
            let left = await writer.inspect { core in
                (
                    followUps: FollowUps.commandsAtStart(
                        in: core.shop, settings: settings, limit: 10_000),
                    intents: core.shop.pendingIntents(withMails: withMails)
                )
            }
            guard var left else { throw .closed }
            if !left.followUps.isEmpty {
                try await runFollowUpsAtStart(left.followUps)
                head = self.head
                left.intents = try await pendingIntents(withMails: withMails)
            }
            let intents = left.intents.filter {
                !$0.isUnknown && $0.position > done
                    && ($0.position <= head || PlantedBug.callBeforeDurable.isPlanted)
            }
            guard let last = intents.last else { return report }
            done = last.position
            try await perform(intents, &report)
        }
    }

    private func pendingIntents(
        withMails: Bool = true
    ) async throws(DaybookError) -> [PendingIntent] {
        let intents = await writer.inspect { $0.shop.pendingIntents(withMails: withMails) }
        guard let intents else { throw .closed }
        return intents
    }

    /// Policies whose own batch a crash has prevented.
    private func runFollowUpsAtStart(
        _ commands: [PreparedCommand]
    ) async throws(DaybookError) {
        for command in commands {
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

    /// Outcomes are recorded many at a time, so that a thousand payments share their syncs.
    private func perform(
        _ intents: [PendingIntent], _ report: inout ReactorReport
    ) async throws(DaybookError) {
        var calls: [MoneyCall] = []
        var mails: [PendingIntent] = []
        let tables = BatchTables()
        for intent in intents {
            if intent.isMail {
                mails.append(intent)
                if mails.count == MailQueue.batchCount { try await send(&mails, &report) }
            } else {
                let time = try importTime(of: intent, tables)
                calls.append(MoneyCall(intent: intent, owner: 0, importedAt: time))
            }
        }
        try await send(&mails, &report)
        let (answers, unknownCount) = await makeAndRecord(calls)
        report.performed += answers.count
        report.unknown += unknownCount
        for answer in answers {
            guard case .failure(let error) = answer else { continue }
            // Settled meanwhile: then there is nothing to record.
            guard case .rejected = error.kind else { throw error }
        }
    }

    /// Makes calls and records their outcomes, in their order; of many, some while others are made.
    private func makeAndRecord(
        _ calls: [MoneyCall]
    ) async -> (answers: [Result<Handled, DaybookError>], unknownCount: Int) {
        let answers = AnswersInParts<Result<Handled, DaybookError>>()
        func record(_ requests: [PreparedRequest], in lane: WriterThread.Lane?) {
            let index = answers.begin()
            writer.handle(requests, in: lane) { answers.take($0, ofPart: index) }
        }
        let made = await make(
            calls,
            handingOver: (configuration.outcomesPerPart, { record($0, in: .bulk) }))
        // A short rest must not overtake what goes before it.
        let isAlone = made.owners.count == made.requests.count
        if !made.requests.isEmpty { record(made.requests, in: isAlone ? nil : .bulk) }
        return (await answers.all(), made.unknownCount)
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

    /// When an import asked for the call; `nil` for what anybody else asked for.
    private func importTime(
        of intent: PendingIntent, _ tables: BatchTables
    ) throws(DaybookError) -> Instant? {
        do throws(EventLogError) {
            let metadata = try reader.metadata(ofBatchHolding: intent.position, tables)
            return metadata?.actor == .import ? metadata?.recordedAt : nil
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
            let digest = message.body.withUnsafeBytes { HashFunction.sha256.digest($0) }
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
