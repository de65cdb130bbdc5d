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
    ///   `payment_failed`, `payment_pending`, `idempotency_key_reused`, `request_in_progress`,
    ///   `outcome_unknown`, or what the machine says.
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
    /// It does not wait for payments: use ``ReactorMode/manual`` and ``runReactors()`` with it.
    ///
    /// - Returns: one result per request, in order.
    public func executeAll(
        _ requests: [Request]
    ) async -> [Result<CommandResult, DaybookError>] {
        let prepared = preparation.prepare(requests)
        let ready = prepared.compactMap { try? $0.get() }
        var answers = await submit(ready)[...]
        return prepared.map { request in
            request.flatMap { _ in answers.removeFirst().map(\.result) }
        }
    }

    private func perform(_ request: Request) async throws(DaybookError) -> CommandResult {
        let prepared = try preparation.prepare([request])[0].get()
        if case .reconcilePayments = request.commands.first, request.commands.count == 1 {
            if case .user = request.actor { throw .rejected(.forbidden("ReconcilePayments")) }
            try await reconcilePayments()
            return CommandResult(positions: nil, isRepeat: false, values: [.none])
        }
        let handled: Handled
        do throws(DaybookError) {
            handled = try await submitOne(prepared)
        } catch {
            try await noticeRegistered(after: error, of: prepared)
            throw error
        }
        guard configuration.reactors == .automatic else { return handled.result }
        try await react(to: handled.intents)
        return try await settled(handled.result, of: request)
    }

    /// D-36: whoever owns an address is told that somebody tried to register it again.
    private func noticeRegistered(
        after error: DaybookError, of prepared: PreparedRequest
    ) async throws(DaybookError) {
        guard case .rejected(.emailAlreadyRegistered) = error.kind,
            case .registerUser(let registration) = prepared.commands.first,
            prepared.actor != .import, configuration.reactors == .automatic
        else { return }
        let notice = PreparedCommand.noticeRegistered(registration.emailDigest)
        let handled = try await submitOne(
            PreparedRequest(
                notice, as: .system, at: prepared.now, identifiers: prepared.identifiers,
                because: nil))
        try await react(to: handled.intents)
    }

    // MARK: The writer

    func submit(
        _ requests: [PreparedRequest]
    ) async -> [Result<Handled, DaybookError>] {
        guard !requests.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            writer.handle(requests) { continuation.resume(returning: $0) }
        }
    }

    func submitOne(_ request: PreparedRequest) async throws(DaybookError) -> Handled {
        try await submit([request])[0].get()
    }
}
