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
    /// Fewer than the batch has positions when some of them were given up.
    public var facts: [Fact]
    /// The position of the batch's last event.
    public var lastPosition: LogPosition

    /// - Parameter lastPosition: `nil`: that of the last fact.
    public init(
        number: UInt64, metadata: BatchMetadata, facts: [Fact], lastPosition: LogPosition? = nil
    ) {
        self.number = number
        self.metadata = metadata
        self.facts = facts
        self.lastPosition = lastPosition ?? facts.last?.position ?? .start
    }
}
