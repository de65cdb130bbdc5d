public import DaybookCore
import DaybookDecisions
import DaybookLog

/// One event with everything that was recorded about it.
public struct AuditEntry: Hashable, Sendable {
    public var position: LogPosition
    public var batchNumber: UInt64
    public var recordedAt: Instant
    public var actor: Actor
    /// The command that caused it, or `Transaction`.
    public var command: String
    public var idempotencyKey: String?
    public var correlationID: CorrelationID?
    /// The event that led to its batch.
    public var causation: LogPosition?
    public var type: EventType
    public var schemaVersion: UInt32
    /// How the event is stored, when it was lifted to today's name and shape.
    public var storedAs: EventKind?
    public var tags: [Tag]
    /// The payload as JSON, by the schema; sealed fields stay sealed, unknown ones are shown raw.
    public var payload: String

    init(
        _ stored: RecordedEvent, of batch: BatchHead, rendering: EventRendering,
        _ upcasters: UpcasterChain
    ) throws(DaybookError) {
        let event = try stored.inTodaysShape(upcasters)
        storedAs = event.kind == stored.kind ? nil : stored.kind
        position = event.position
        batchNumber = batch.number
        recordedAt = batch.metadata.recordedAt
        actor = batch.metadata.actor
        command = batch.metadata.command
        idempotencyKey = batch.metadata.idempotencyKey
        correlationID = batch.metadata.correlationID
        causation = batch.metadata.causationPosition
        type = event.type
        schemaVersion = event.schemaVersion
        tags = event.tags
        payload = rendering.json(of: event)
    }
}

/// Which events an auditor wants to see.
public struct AuditQuestion: Hashable, Sendable {
    public var tag: Tag?
    public var type: EventType?
    public var actor: Actor?
    /// From when to when, both inclusive; times of batches.
    public var from: Instant?
    public var to: Instant?
    public var firstPosition: LogPosition?
    public var lastPosition: LogPosition?
    public var limit: Int?

    public init(tag: Tag? = nil, type: EventType? = nil, actor: Actor? = nil) {
        self.tag = tag
        self.type = type
        self.actor = actor
    }

    var query: Query {
        guard tag != nil || type != nil else { return .all }
        return .any([QueryItem(types: type.map { [$0] } ?? [], tags: tag.map { [$0] } ?? [])])
    }

    func admits(_ metadata: BatchMetadata) -> Bool {
        (actor == nil || actor == metadata.actor)
            && (from.map { metadata.recordedAt >= $0 } ?? true)
            && (to.map { metadata.recordedAt <= $0 } ?? true)
    }
}
