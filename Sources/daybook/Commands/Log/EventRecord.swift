import DaybookCore
import DaybookDecisions
import DaybookLog

/// Events as they are shown.
enum EventRecord {
    /// Everything about one event: envelope of its batch, tags, payload by names; in today's shape,
    /// with how it is stored when that is another one.
    static func full(
        _ stored: RecordedEvent, in batch: RecordedBatch, _ upcasters: UpcasterChain
    ) -> Record {
        let event = today(stored, upcasters)
        let metadata = batch.metadata
        var record: Record = [
            "position": .of(event.position), "event_type": .text(event.type.rawValue),
            "schema_version": .of(event.schemaVersion), "recorded_at": .of(metadata.recordedAt),
            "batch": .of(batch.number), "actor": .of(metadata.actor),
            "command": .text(metadata.command),
        ]
        if let key = metadata.idempotencyKey { record.append("idempotency_key", .text(key)) }
        if let id = metadata.correlationID { record.append("correlation_id", .of(id)) }
        if let position = metadata.causationPosition {
            record.append("causation_position", .of(position))
        }
        if event.kind != stored.kind { record.append("stored_as", .text("\(stored.kind)")) }
        record.append("tags", .texts(event.tags.map(\.description)))
        record.append("payload", .json(EventRendering().json(of: event)))
        return record
    }

    /// What fits a line: for people.
    static func line(
        _ stored: RecordedEvent, in batch: RecordedBatch, _ upcasters: UpcasterChain
    ) -> Record {
        let event = today(stored, upcasters)
        return [
            "position": .of(event.position), "recorded_at": .of(batch.metadata.recordedAt),
            "event_type": .text(event.type.rawValue), "actor": .of(batch.metadata.actor),
            "payload": .json(EventRendering().json(of: event)),
        ]
    }

    /// The record that suits the format: people get a line, programs everything.
    static func record(
        _ event: RecordedEvent, in batch: RecordedBatch, _ format: OutputFormat,
        _ upcasters: UpcasterChain
    ) -> Record {
        format == .text ? line(event, in: batch, upcasters) : full(event, in: batch, upcasters)
    }

    /// What cannot be lifted is shown as it is stored: whoever looks for the reason must see it.
    static func today(_ event: RecordedEvent, _ upcasters: UpcasterChain) -> RecordedEvent {
        (try? upcasters.upcast(event)) ?? event
    }
}
