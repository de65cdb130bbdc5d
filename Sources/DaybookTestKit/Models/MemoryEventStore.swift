public import DaybookCore
internal import Synchronization

/// The plainest event store: a list in memory. For tests of what uses a store, and as a model for
/// tests of another store.
public final class MemoryEventStore: EventStore {
    private let events = Mutex<[RecordedEvent]>([])

    public init() {}

    public var head: LogPosition {
        LogPosition(rawValue: UInt64(events.withLock { $0.count }))
    }

    public func append(_ batch: ProposedBatch, when condition: AppendCondition?) async throws
        -> AppendResult
    {
        // Others may go first, as they may with a store that waits for a disk.
        await Task.yield()
        let result = events.withLock { events -> AppendResult in
            if let condition, let conflict = MemoryEventStore.firstConflict(condition, in: events) {
                return .conflict(firstConflictingPosition: conflict)
            }
            let first = LogPosition(rawValue: UInt64(events.count + 1))
            for event in batch.events {
                events.append(
                    RecordedEvent(
                        position: LogPosition(rawValue: UInt64(events.count + 1)),
                        type: event.type, schemaVersion: event.schemaVersion, tags: event.tags,
                        payload: event.payload))
            }
            return .appended(first...LogPosition(rawValue: UInt64(events.count)))
        }
        await Task.yield()
        return result
    }

    /// The first event that stands against the condition.
    public static func firstConflict(
        _ condition: AppendCondition, in events: [RecordedEvent]
    ) -> LogPosition? {
        events.first { event in
            event.position > (condition.after ?? .start)
                && condition.failIfEventsMatch.matches(type: event.type, tags: event.tags)
        }?.position
    }

    public func read(
        _ query: Query, from: LogPosition?, through: LogPosition?, direction: ReadDirection,
        limit: Int?
    ) -> [RecordedEvent] {
        let found = events.withLock { $0 }.filter { event in
            event.position >= (from ?? .start)
                && through.map { event.position <= $0 } ?? true
                && query.matches(type: event.type, tags: event.tags)
        }
        let ordered = direction == .forwards ? found : found.reversed()
        return Array(ordered.prefix(limit ?? .max))
    }
}
