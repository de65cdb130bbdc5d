public import DaybookCore

/// An event as recorded: with its place in the log and its batch's time.
public struct Fact: Hashable, Sendable {
    public var position: LogPosition
    public var recordedAt: Instant
    public var event: Event

    public init(position: LogPosition, recordedAt: Instant, event: Event) {
        self.position = position
        self.recordedAt = recordedAt
        self.event = event
    }
}

/// The facts of one batch, with who caused them and by which command.
public struct FactBatch: Hashable, Sendable {
    /// Dense, from 1.
    public var number: UInt64
    public var metadata: BatchMetadata
    public var facts: [Fact]

    public init(number: UInt64, metadata: BatchMetadata, facts: [Fact]) {
        self.number = number
        self.metadata = metadata
        self.facts = facts
    }
}
