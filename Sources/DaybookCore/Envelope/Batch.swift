/// What is recorded once per batch: who, when, by which command, because of what.
public struct BatchMetadata: Hashable, Sendable {
    /// The one clock reading of the command.
    public var recordedAt: Instant
    public var actor: Actor
    /// The command's type name, or `Transaction`.
    public var command: String
    /// The caller's key; a repeated key has no second effect. Scoped to actor and command.
    public var idempotencyKey: String?
    /// SHA-256 of the canonical form of the request, so that a reused key is noticed.
    public var fingerprint: Digest?
    public var correlationID: CorrelationID?
    /// The event that led to this batch.
    public var causationPosition: LogPosition?

    public init(
        recordedAt: Instant, actor: Actor, command: String, idempotencyKey: String? = nil,
        fingerprint: Digest? = nil, correlationID: CorrelationID? = nil,
        causationPosition: LogPosition? = nil
    ) {
        self.recordedAt = recordedAt
        self.actor = actor
        self.command = command
        self.idempotencyKey = idempotencyKey
        self.fingerprint = fingerprint
        self.correlationID = correlationID
        self.causationPosition = causationPosition
    }
}

/// An event on its way into the log. The payload is opaque to the log.
public struct ProposedEvent: Hashable, Sendable {
    public var type: EventType
    /// The payload's schema version, from 1.
    public var schemaVersion: UInt32
    public var tags: [Tag]
    public var payload: [UInt8]

    public init(type: EventType, schemaVersion: UInt32 = 1, tags: [Tag], payload: [UInt8]) {
        self.type = type
        self.schemaVersion = schemaVersion
        self.tags = tags
        self.payload = payload
    }
}

/// Events that are recorded together or not at all.
public struct ProposedBatch: Hashable, Sendable {
    public var metadata: BatchMetadata
    public var events: [ProposedEvent]

    public init(metadata: BatchMetadata, events: [ProposedEvent]) {
        self.metadata = metadata
        self.events = events
    }
}

/// An event as the log holds it.
public struct RecordedEvent: Hashable, Sendable {
    public var position: LogPosition
    public var type: EventType
    public var schemaVersion: UInt32
    public var tags: [Tag]
    public var payload: [UInt8]

    public init(
        position: LogPosition, type: EventType, schemaVersion: UInt32, tags: [Tag], payload: [UInt8]
    ) {
        self.position = position
        self.type = type
        self.schemaVersion = schemaVersion
        self.tags = tags
        self.payload = payload
    }
}

/// A batch as the log holds it: its events have adjacent positions from `firstPosition` on.
public struct RecordedBatch: Hashable, Sendable {
    /// Dense, from 1; with the log's id it is the batch's identity.
    public var number: UInt64
    public var metadata: BatchMetadata
    public var events: [RecordedEvent]

    public init(number: UInt64, metadata: BatchMetadata, events: [RecordedEvent]) {
        precondition(!events.isEmpty, "RecordedBatch: a batch holds at least one event")
        self.number = number
        self.metadata = metadata
        self.events = events
    }

    public var firstPosition: LogPosition { events[0].position }
    public var lastPosition: LogPosition { events[events.count - 1].position }
}
