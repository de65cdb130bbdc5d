import DaybookCore
import DaybookDecisions

/// A request that is ready to be decided: secrets sealed, time and chance in hand.
struct PreparedRequest: Sendable {
    var actor: Actor
    /// What the batch records as its command.
    var commandName: String
    var commands: [PreparedCommand]
    var now: Instant
    var identifiers: any IdentifierSource & Sendable
    var key: IdempotencyKey?
    /// Of the key; both or neither.
    var scope: IdempotencyScope?
    var fingerprint: Digest?
    /// The event that a policy or a reactor answers to.
    var causation: LogPosition?
}

extension PreparedRequest {
    /// One command of a policy, a timer or a reactor; it carries no key.
    init(
        _ command: PreparedCommand, as actor: Actor, at now: Instant,
        identifiers: any IdentifierSource & Sendable, because cause: LogPosition?
    ) {
        self.init(
            actor: actor, commandName: command.name, commands: [command], now: now,
            identifiers: identifiers, causation: cause)
    }
}

/// Requests that are ready, and why others are not.
struct PreparedRequests: Sendable {
    private(set) var ready: [PreparedRequest] = []
    /// By the number of the request: mostly none.
    private(set) var refusals: [Int: DaybookError] = [:]

    init(count: Int) {
        ready.reserveCapacity(count)
    }

    /// Adds the next request, or why it is refused.
    mutating func add(_ prepare: () throws(DaybookError) -> PreparedRequest) {
        do throws(DaybookError) {
            ready.append(try prepare())
        } catch {
            refusals[ready.count + refusals.count] = error
        }
    }

    /// One answer per request, in order.
    ///
    /// - Parameters:
    ///   - answers: to those that were ready.
    ///   - answer: what to make of an answer; is told the request's number.
    func inOrder<Answer>(
        _ answers: [Result<Handled, DaybookError>],
        _ answer: (Handled, Int) throws(DaybookError) -> Answer
    ) -> [Result<Answer, DaybookError>] {
        var next = 0
        return (0..<(ready.count + refusals.count)).map { number in
            if let refusal = refusals[number] { return .failure(refusal) }
            defer { next += 1 }
            return Result { () throws(DaybookError) in try answer(answers[next].get(), number) }
        }
    }
}
