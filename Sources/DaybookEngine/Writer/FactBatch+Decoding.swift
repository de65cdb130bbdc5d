package import DaybookCore
import DaybookDecisions
import DaybookLog

extension FactBatch {
    /// Decodes a stored batch into facts of today's types.
    ///
    /// Positions that were given up by a repair have no facts.
    ///
    /// - Parameter upcasters: the reader's, for events that were stored under another name or in an
    ///   earlier shape.
    ///
    /// - Throws: `needsNewerProgram` for a type or schema version that this program does not know,
    ///   `damaged` for a payload that its type does not allow; both name the position.
    init(_ batch: borrowing BatchView, _ upcasters: UpcasterChain) throws {
        let metadata = try batch.metadata()
        var facts: [Fact] = []
        facts.reserveCapacity(batch.eventCount)
        try batch.forEachEvent { event in
            guard event.type != .positionLost else { return }
            facts.append(
                Fact(
                    position: event.position, recordedAt: metadata.recordedAt,
                    event: try Event(stored: event, upcasters)))
        }
        self.init(
            number: batch.number, metadata: metadata, facts: facts,
            lastPosition: batch.lastPosition)
    }

    init(_ batch: RecordedBatch, _ upcasters: UpcasterChain) throws {
        let facts = try batch.events.filter { $0.type != .positionLost }.map { event in
            Fact(
                position: event.position, recordedAt: batch.metadata.recordedAt,
                event: try Event(event, upcasters))
        }
        self.init(
            number: batch.number, metadata: batch.metadata, facts: facts,
            lastPosition: batch.lastPosition)
    }
}

extension Event {
    init(_ event: RecordedEvent, _ upcasters: UpcasterChain) throws {
        self = try event.payload.withUnsafeBytes {
            try Event(event.kind, payload: $0, position: event.position, upcasters)
        }
    }

    init(stored event: borrowing EventView, _ upcasters: UpcasterChain) throws {
        try self.init(
            EventKind(event.type, schemaVersion: event.schemaVersion), payload: event.payload,
            position: event.position, upcasters)
    }

    private init(
        _ kind: EventKind, payload: UnsafeRawBufferPointer, position: LogPosition,
        _ upcasters: UpcasterChain
    ) throws(DaybookError) {
        guard !upcasters.isEmpty, !upcasters.isCurrent(kind) else {
            try self.init(today: kind, payload: payload, position: position)
            return
        }
        let today: (kind: EventKind, payload: [UInt8])
        do throws(UpcasterChainError) {
            today = try upcasters.upcast(Array(payload), of: kind)
        } catch {
            throw DaybookError(upcasting: kind, at: position, error)
        }
        let result = today.payload.withUnsafeBytes { payload in
            Result { () throws(DaybookError) in
                try Event(today: today.kind, payload: payload, position: position)
            }
        }
        self = try result.get()
    }

    private init(
        today kind: EventKind, payload: UnsafeRawBufferPointer, position: LogPosition
    ) throws(DaybookError) {
        do throws(WireError) {
            var reader = WireReader(payload)
            if let event = try Event(type: kind.type, decoding: &reader),
                event.schemaVersion == kind.schemaVersion
            {
                self = event
                return
            }
        } catch {
            throw DaybookError(
                .damaged, "\(kind.type) at position \(position) is malformed: \(error)")
        }
        throw DaybookError(
            .needsNewerProgram,
            "\(kind.type) version \(kind.schemaVersion) at position \(position) is not known to this "
                + "program; use the program that wrote it or a newer one")
    }
}

extension RecordedEvent {
    /// The event as today's program would store it.
    package func inTodaysShape(_ upcasters: UpcasterChain) throws(DaybookError) -> RecordedEvent {
        do throws(UpcasterChainError) {
            return try upcasters.upcast(self)
        } catch {
            throw DaybookError(upcasting: kind, at: position, error)
        }
    }
}

extension DaybookError {
    /// Wraps what lifting an event to today's shape throws.
    init(upcasting kind: EventKind, at position: LogPosition, _ error: UpcasterChainError) {
        switch error {
        case .newerSchemaVersion:
            self.init(.needsNewerProgram, "\(kind) at position \(position): \(error)")
        default: self.init(.damaged, "\(kind) at position \(position): \(error)")
        }
    }
}
