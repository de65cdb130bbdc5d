/// What an append led to.
public enum AppendResult: Hashable, Sendable {
    /// The events stand at these positions, durable.
    case appended(ClosedRange<LogPosition>)
    /// The condition failed; nothing was appended.
    case conflict(firstConflictingPosition: LogPosition)
}

/// Which way a read goes.
public enum ReadDirection: Hashable, Sendable {
    case forwards
    case backwards
}

/// An append-only store of events with Dynamic Consistency Boundary semantics.
///
/// Source: DCB specification; LOG.md section 1.
public protocol EventStore: Sendable {
    /// The position of the last durable event.
    var head: LogPosition { get }

    /// Appends a batch atomically and returns once it is durable.
    ///
    /// Either all events become readable, contiguous and in order, or none does, also across a crash.
    /// A conflict is a result, not an error.
    func append(_ batch: ProposedBatch, when condition: AppendCondition?) async throws
        -> AppendResult

    /// The events that match, in the direction given, from `from` to `through` (both inclusive).
    func read(
        _ query: Query, from: LogPosition?, through: LogPosition?, direction: ReadDirection,
        limit: Int?
    ) throws -> [RecordedEvent]
}
