import DaybookCore
import DaybookDecisions
import DaybookLog

extension FactBatch {
    /// Decodes a stored batch into facts of today's types.
    ///
    /// Positions that were given up by a repair have no facts.
    ///
    /// - Throws: `needsNewerProgram` for a type or schema version that this program does not know,
    ///   `damaged` for a payload that its type does not allow; both name the position.
    init(_ batch: borrowing BatchView) throws {
        let metadata = try batch.metadata()
        var facts: [Fact] = []
        facts.reserveCapacity(batch.eventCount)
        try batch.forEachEvent { event in
            guard event.type != .positionLost else { return }
            facts.append(
                Fact(
                    position: event.position, recordedAt: metadata.recordedAt,
                    event: try Event(stored: event)))
        }
        self.init(
            number: batch.number, metadata: metadata, facts: facts,
            lastPosition: batch.lastPosition)
    }

    init(_ batch: RecordedBatch) throws {
        let facts = try batch.events.filter { $0.type != .positionLost }.map { event in
            Fact(
                position: event.position, recordedAt: batch.metadata.recordedAt,
                event: try Event(event))
        }
        self.init(
            number: batch.number, metadata: batch.metadata, facts: facts,
            lastPosition: batch.lastPosition)
    }
}

extension Event {
    init(_ event: RecordedEvent) throws {
        self = try event.payload.withUnsafeBytes {
            try Event(
                type: event.type, schemaVersion: event.schemaVersion, payload: $0,
                position: event.position)
        }
    }

    init(stored event: borrowing EventView) throws {
        try self.init(
            type: event.type, schemaVersion: event.schemaVersion, payload: event.payload,
            position: event.position)
    }

    init(
        type: EventType, schemaVersion: UInt32, payload: UnsafeRawBufferPointer,
        position: LogPosition
    ) throws(DaybookError) {
        do throws(WireError) {
            var reader = WireReader(payload)
            if let event = try Event(type: type, decoding: &reader),
                event.schemaVersion == schemaVersion
            {
                self = event
                return
            }
        } catch {
            throw DaybookError(
                .damaged, "\(type) at position \(position) is malformed: \(error)")
        }
        throw DaybookError(
            .needsNewerProgram,
            "\(type) version \(schemaVersion) at position \(position) is not known to this program; "
                + "use the program that wrote it or a newer one")
    }
}
