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
