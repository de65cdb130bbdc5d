import DaybookCore
import Testing

@testable import DaybookLog

/// Batches that a writer refuses, and messages that a reader refuses, each for its own reason.
@Suite struct `Refused batches` {
    private func log() throws -> OpenedLog {
        try LogDirectory.create(
            storage: SimulatedDisk(), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
    }

    private static let long = String(repeating: "x", count: EventLogLimits.nameByteCount + 1)

    static let refused: [(String, ProposedBatch, EventLogError.Code)] = [
        (
            "schema version 0",
            batch(ProposedEvent(type: "A", schemaVersion: 0, tags: [], payload: [])), .invalidBatch
        ),
        ("no type", batch(event(EventType(rawValue: ""))), .tooLarge),
        ("a long type", batch(event(EventType(rawValue: long))), .tooLarge),
        (
            "too many types",
            ProposedBatch(
                metadata: metadata(),
                events: (0...EventLogLimits.batchTypeCount).map {
                    event(EventType(rawValue: "T\($0)"), payload: "")
                }), .tooLarge
        ),
        (
            "a long command", ProposedBatch(metadata: metadata(command: long), events: [event()]),
            .tooLarge
        ),
        ("a long key", batch(event(), key: long), .tooLarge),
        (
            "a long actor",
            ProposedBatch(
                metadata: BatchMetadata(
                    recordedAt: Instant(microseconds: 1), actor: .operator(long), command: "C"),
                events: [event()]), .tooLarge
        ),
        (
            "too many bytes",
            batch(
                ProposedEvent(
                    type: "A", tags: [],
                    payload: [UInt8](repeating: 1, count: EventLogLimits.batchByteCount))),
            .tooLarge
        ),
    ]

    @Test(arguments: refused.indices)
    func `given a batch with something wrong, when staged, then it is refused and the next is not`(
        index: Int
    ) throws {
        let (what, wrong, code) = Self.refused[index]
        let log = try log()
        let error = #expect(throws: EventLogError.self) { try log.writer.stage(wrong) }
        #expect(error?.code == code, "\(what): \(String(describing: error))")
        #expect(try log.append(batch(event())) == .appended(position(1)...position(1)))
    }

    @Test func `given a closed log, when staged, then it says so`() throws {
        let log = try log()
        try log.committer.close()
        try log.committer.close()
        let error = #expect(throws: EventLogError.self) { try log.writer.stage(batch(event())) }
        #expect(error?.code == .closed)
        let other = #expect(throws: EventLogError.self) { try log.committer.syncMark() }
        #expect(other?.code == .closed)
    }

    // MARK: Messages

    /// Time, actor (field 3 of the schema), then what a case adds, a type and one event.
    private func message(actor: [UInt8]?, _ more: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.delimited { writer in
            writer.field(BatchField.recordedAt, int: 5)
            if let actor { writer.field(BatchField.actor, bytes: actor) }
            more(&writer)
            writer.alwaysField(BatchField.eventTypes, text: "A")
            writer.field(BatchField.events) { $0.alwaysField(EventField.type, varint: 0) }
        }
        return writer.bytes
    }

    private func problem(_ message: [UInt8]) throws -> String? {
        try message.withUnsafeBytes { raw in
            var sequence = BatchSequence(raw, firstBatchNumber: 1, firstPosition: position(1))
            do {
                _ = try sequence.visitNext(BatchTables()) { try $0.validate() }
                return nil
            } catch let defect as BatchDefect {
                return "\(defect)"
            }
        }
    }

    private static let system = Array("system".utf8)

    @Test func `given every field of the head, when validated, then right ones pass`() throws {
        #expect(
            try problem(
                message(actor: Self.system) { writer in
                    writer.field(BatchField.fingerprint, digest: testSalt)
                    writer.field(BatchField.correlationID, identifier: 9)
                    writer.alwaysField(BatchField.causationPosition, varint: 3)
                    // Of a later version.
                    writer.field(15, text: "unknown")
                }) == nil)
    }

    @Test func `given a wrong field of the head, when validated, then it is refused`() throws {
        #expect(try problem(message(actor: nil) { _ in }) != nil)
        #expect(try problem(message(actor: Array("nobody at all".utf8)) { _ in }) != nil)
        #expect(try problem(message(actor: Array("user:x".utf8)) { _ in }) != nil)
        #expect(
            try problem(
                message(actor: Self.system) { $0.field(BatchField.command, bytes: [0xFF, 0xFE]) })
                != nil)
        #expect(
            try problem(
                message(actor: Self.system) { $0.field(BatchField.fingerprint, bytes: [1, 2]) })
                != nil)
    }

    @Test func `given an actor's stored form, then checking it and reading it agree`() {
        for text in ["system", "user:", "user=", "operator:x", "nobody", "user:x", ""] {
            let stored = Array(text.utf8)
            stored.withUnsafeBytes { stored in
                #expect(Actor.isStored(stored) == (Actor(stored: stored) != nil), "\(text)")
            }
        }
    }

    @Test
    func `given a note with fields of a later version, when read, then the rest is understood`()
        throws
    {
        var note = WireWriter()
        note.field(1, bytes: Array("schema".utf8))
        note.field(2) { writer in
            writer.field(1, text: "file")
            writer.field(14, text: "later")
        }
        note.field(3) { writer in
            writer.field(1, text: "other")
            writer.field(14, text: "later")
        }
        note.field(5, text: "why")
        note.field(14, text: "later")
        let read = try note.bytes.withUnsafeBytes { try LogNote(decoding: $0) }
        #expect(read.schemas == Array("schema".utf8))
        #expect(read.repairs.map(\.file) == ["file"])
        #expect(read.losses.map(\.file) == ["other"])
        #expect(read.reason == "why")
    }

    @Test func `given a note that cannot be read, when records are asked for, then it is damage`()
        throws
    {
        let log = try log()
        // A length that leads beyond the end.
        try log.committer.record(note: [0x12, 0x7F, 0x01])
        let error = #expect(throws: EventLogError.self) { _ = try log.reader.records() }
        #expect(error?.code == .damaged)
    }
}
