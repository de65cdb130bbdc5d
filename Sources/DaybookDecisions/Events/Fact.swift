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
    public var facts: [Fact] {
        didSet { mayReleaseParked = FactBatch.mayReleaseParked(facts) }
    }
    /// The position of the batch's last event.
    public var lastPosition: LogPosition
    /// Which of the facts an operator took back from a read model, further on in the log.
    package var skips: [OperatorSkip] = []

    /// Whether one of the facts is an operator's skip; each read model asks twice.
    package private(set) var mayReleaseParked: Bool

    /// Looks at kinds only: no payload is copied.
    private static func mayReleaseParked(_ facts: [Fact]) -> Bool {
        for index in facts.indices {
            if case .projectionEventSkipped = facts[index].event { return true }
        }
        return false
    }

    /// - Parameter lastPosition: `nil`: that of the last fact.
    public init(
        number: UInt64, metadata: BatchMetadata, facts: [Fact], lastPosition: LogPosition? = nil
    ) {
        self.number = number
        self.metadata = metadata
        self.facts = facts
        mayReleaseParked = FactBatch.mayReleaseParked(facts)
        self.lastPosition = lastPosition ?? facts.last?.position ?? .start
    }
}

/// That a read model goes on without an event, as an operator's event says.
package struct OperatorSkip: Hashable, Sendable {
    /// The read model's name.
    package var model: String
    /// The event that is left out.
    package var position: LogPosition

    package init(_ event: ProjectionEventSkipped) {
        model = event.model
        position = LogPosition(rawValue: event.skippedPosition)
    }
}
