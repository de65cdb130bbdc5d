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
            guard let decoded = try Event(stored: event, upcasters) else { return }
            facts.append(
                Fact(
                    position: event.position, recordedAt: metadata.recordedAt, event: decoded))
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

    /// Decodes an event where it lies; `nil` for a position that was given up.
    ///
    /// What its name means is worked out once a scan.
    init?(stored event: borrowing EventView, _ upcasters: UpcasterChain) throws {
        if let number = event.kindNote {
            var reader = WireReader(event.payload)
            do throws(WireError) {
                guard let decoded = try Event(typeNumber: Int(number), decoding: &reader) else {
                    preconditionFailure("Event: a type number that this program did not note")
                }
                self = decoded
                return
            } catch {
                throw DaybookError(malformed: event.type, at: event.position, error)
            }
        }
        let type = event.type
        guard type != .positionLost else { return nil }
        let kind = EventKind(type, schemaVersion: event.schemaVersion)
        if upcasters.isCurrent(kind), let number = Event.typeNumber(of: type),
            Event.schemaVersions[number] == kind.schemaVersion
        {
            event.setKindNote(UInt32(number))
        }
        try self.init(kind, payload: event.payload, position: event.position, upcasters)
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
            throw DaybookError(malformed: kind.type, at: position, error)
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
    fileprivate init(malformed type: EventType, at position: LogPosition, _ error: WireError) {
        self.init(.damaged, "\(type) at position \(position) is malformed: \(error)")
    }

    /// Wraps what lifting an event to today's shape throws.
    init(upcasting kind: EventKind, at position: LogPosition, _ error: UpcasterChainError) {
        switch error {
        case .newerSchemaVersion:
            self.init(.needsNewerProgram, "\(kind) at position \(position): \(error)")
        default: self.init(.damaged, "\(kind) at position \(position): \(error)")
        }
    }
}
