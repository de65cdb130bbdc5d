public import DaybookCore
public import DaybookDecisions

extension Daybook {
    /// Does one command and returns once what it records is durable.
    ///
    /// An order waits for its payment: a decline is an error, and the order stands, unpaid.
    ///
    /// - Parameters:
    ///   - actor: who asks.
    ///   - key: the caller's idempotency key: the same key with the same command gives the same result
    ///     and has no second effect, also after a restart.
    ///   - time: when it happened; for actor `import` only.
    /// - Throws: ``DaybookError``: `rejected` when the business says no, and then nothing happened;
    ///   `payment_failed`, `capture_failed`, `payment_pending`, `idempotency_key_reused`,
    ///   `request_in_progress`, `outcome_unknown`, or what the machine says.
    public func execute(
        _ command: Command, as actor: Actor, key: IdempotencyKey? = nil, at time: Instant? = nil
    ) async throws(DaybookError) -> CommandResult {
        try await perform(Request([command], as: actor, key: key, at: time))
    }

    /// Does several commands as one batch: all of them, or, when one is rejected, none.
    public func transaction(
        _ commands: [Command], as actor: Actor, key: IdempotencyKey? = nil,
        at time: Instant? = nil
    ) async throws(DaybookError) -> CommandResult {
        try await perform(Request(commands, as: actor, key: key, at: time))
    }

    /// The bulk form: decides the requests in order and returns when all of them are durable.
    ///
    /// Payments are made as by ``execute(_:as:key:at:)``, all of one call together: what they came to
    /// is recorded as one bulk, so a thousand orders share two syncs, or a few more where others'
    /// commands come in between: they do not wait for a bulk, and their batches may lie between its. When
    /// the log cannot be written, all of its requests are `outcome_unknown`. In ``ReactorMode/manual`` it
    /// does not wait for payments: ``runReactors()`` makes them.
    ///
    /// - Returns: one result per request, in order.
    public func executeAll(
        _ requests: [Request]
    ) async -> [Result<CommandResult, DaybookError>] {
        let prepared = preparation.prepare(requests)
        let answers = await submit(prepared.ready)
        guard configuration.reactors != .manual else {
            return prepared.inOrder(answers) { handled, _ in handled.result }
        }
        let settled = await reactToAll(
            answers, times: prepared.ready.map { $0.actor == .import ? $0.now : nil })
        return prepared.inOrder(settled) { handled, number throws(DaybookError) in
            try self.settled(handled, of: requests[number])
        }
    }

    private func perform(_ request: Request) async throws(DaybookError) -> CommandResult {
        let prepared = try preparation.prepare(request)
        if case .reconcilePayments = request.commands.first, request.commands.count == 1 {
            if case .user = request.actor { throw .rejected(.forbidden("ReconcilePayments")) }
            try await reconcilePayments()
            return CommandResult(positions: nil, isRepeat: false, values: [.none])
        }
        var handled: Handled
        do throws(DaybookError) {
            handled = try await submitOne(prepared)
        } catch {
            try await noticeRegistered(after: error, of: prepared)
            throw error
        }
        guard configuration.reactors != .manual else { return handled.result }
        handled.payments += try await react(to: handled.intents)
        return try settled(handled, of: request)
    }

    /// D-36: whoever owns an address is told that somebody tried to register it again.
    private func noticeRegistered(
        after error: DaybookError, of prepared: PreparedRequest
    ) async throws(DaybookError) {
        guard case .rejected(.emailAlreadyRegistered) = error.kind,
            case .registerUser(let registration) = prepared.commands.first,
            prepared.actor != .import, configuration.reactors != .manual
        else { return }
        let notice = PreparedCommand.noticeRegistered(registration.emailDigest)
        let handled = try await submitOne(
            PreparedRequest(
                notice, as: .system, at: prepared.now, identifiers: prepared.identifiers,
                because: nil))
        _ = try await react(to: handled.intents)
    }

    // MARK: The writer

    /// - Parameter lane: `nil`: by the number of requests.
    func submit(
        _ requests: [PreparedRequest], in lane: WriterThread.Lane? = nil
    ) async -> [Result<Handled, DaybookError>] {
        guard !requests.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            writer.handle(requests, in: lane) { continuation.resume(returning: $0) }
        }
    }

    func submitOne(_ request: PreparedRequest) async throws(DaybookError) -> Handled {
        try await submit([request])[0].get()
    }
}
