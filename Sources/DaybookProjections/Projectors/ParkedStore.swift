internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// The prepared statements of the table `parked_events`.
final class ParkedStore {
    private let selectOfSubject: RowStatement
    private let selectAtPosition: RowStatement
    private let deleteOfSubject: RowStatement
    private let insertEvent: RowStatement
    private let selectSubjects: RowStatement
    private let selectCount: RowStatement
    private let path: String

    init(_ database: Database, path: String) throws {
        let table = TableDefinition.parkedEvents
        self.path = path
        selectOfSubject = try RowStatement(
            database, table.selection(suffix: "WHERE subject = ? ORDER BY position"))
        selectAtPosition = try RowStatement(
            database, table.selection(suffix: "WHERE position = ? ORDER BY subject"))
        deleteOfSubject = try RowStatement(
            database, "DELETE FROM \(table.name) WHERE subject = ?")
        insertEvent = try RowStatement(database, table.insertion())
        selectSubjects = try RowStatement(
            database, "SELECT DISTINCT subject FROM \(table.name) ORDER BY subject")
        selectCount = try RowStatement(database, "SELECT count(*) FROM \(table.name)")
    }

    func subjects() throws -> [String] {
        defer { selectSubjects.reset() }
        var subjects: [String] = []
        while try selectSubjects.step() { subjects.append(selectSubjects.text(0)) }
        return subjects
    }

    func count() throws -> Int {
        defer { selectCount.reset() }
        return try selectCount.step() ? Int(selectCount.integer(0)) : 0
    }

    /// What waits of a subject, by position.
    func events(of subject: String) throws -> [ParkedEvent] {
        selectOfSubject.bind(subject)
        return try selectOfSubject.parkedEvents(path: path)
    }

    func events(at position: LogPosition) throws -> [ParkedEvent] {
        selectAtPosition.bind(position)
        return try selectAtPosition.parkedEvents(path: path)
    }

    func remove(_ subject: String) throws {
        deleteOfSubject.bind(subject)
        try deleteOfSubject.run()
    }

    func insert(_ parked: ParkedEvent) throws {
        var writer = WireWriter()
        parked.fact.event.encode(into: &writer)
        let row = insertEvent
        row.bind(parked.fact.position)
        row.bind(parked.subject)
        row.bind(parked.fact.recordedAt)
        row.bind(parked.fact.event.type.rawValue)
        row.bind(bytes: writer.bytes)
        row.bind(parked.reason)
        try row.run()
    }
}

extension RowStatement {
    /// Steps through rows of `parked_events` and resets.
    func parkedEvents(path: String) throws -> [ParkedEvent] {
        defer { reset() }
        var events: [ParkedEvent] = []
        while try step() {
            let type = EventType(rawValue: text(3))
            events.append(
                ParkedEvent(
                    fact: Fact(
                        position: position(0), recordedAt: instant(2),
                        event: try event(type, at: position(0), path: path)),
                    subject: text(1), reason: optionalText(5)))
        }
        return events
    }

    private func event(_ type: EventType, at position: LogPosition, path: String) throws -> Event {
        do {
            var reader = WireReader(blob(4))
            if let event = try Event(type: type, decoding: &reader) { return event }
        } catch {
            throw damaged("the parked \(type) at position \(position): \(error)", path)
        }
        throw damaged("the parked event at position \(position) is of no type: \(type)", path)
    }

    private func damaged(_ message: String, _ path: String) -> ReadModelError {
        ReadModelError(code: .damaged, message: message, path: path)
    }
}

extension ReadModelFile {
    /// Everything that is parked, by position and subject.
    package func parkedEvents() throws -> [ParkedEvent] {
        try withDatabase { database in
            let table = TableDefinition.parkedEvents
            return try RowStatement(
                database, table.selection(suffix: "ORDER BY position, subject")
            ).parkedEvents(path: path)
        }
    }

    package func parkedCount() throws -> ParkedCount {
        try withDatabase { database in
            let row = try RowStatement(
                database,
                """
                SELECT count(DISTINCT position), count(DISTINCT subject),
                count(DISTINCT CASE WHEN reason IS NOT NULL THEN position END),
                (SELECT reason FROM parked_events WHERE reason IS NOT NULL
                ORDER BY position DESC LIMIT 1) FROM parked_events
                """)
            guard try row.step() else { return ParkedCount() }
            defer { row.reset() }
            return ParkedCount(
                events: UInt64(row.integer(0)), refused: UInt64(row.integer(2)),
                subjects: UInt64(row.integer(1)), lastReason: row.optionalText(3))
        }
    }
}
