import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import Foundation

extension TestStore {
    /// Everything recorded behind a position, read from the files by a second reader.
    func entries(after position: LogPosition = .start) throws -> [AuditEntry] {
        let reader = try DaybookReader.open(directory: configuration.directory)
        var question = AuditQuestion()
        question.firstPosition = position.advanced(by: 1)
        var entries: [AuditEntry] = []
        try reader.forEachEntry(question) { entry in
            entries.append(entry)
            return true
        }
        return entries
    }

    /// The types of the events behind a position, batch by batch; mails go out in their own time, so
    /// what became of them is left out.
    func batches(after position: LogPosition) throws -> [[EventType]] {
        var batches: [[EventType]] = []
        var number: UInt64?
        for entry in try entries(after: position)
        where entry.command != "RecordMailOutcome" {
            if entry.batchNumber == number {
                batches[batches.count - 1].append(entry.type)
            } else {
                batches.append([entry.type])
            }
            number = entry.batchNumber
        }
        return batches
    }

    func count(of type: EventType) throws -> Int {
        try entries().filter { $0.type == type }.count
    }

    /// Whether a text stands anywhere in what the log holds, decompressed.
    func logHolds(_ text: String) throws -> Bool {
        let reader = try DaybookReader.open(directory: configuration.directory)
        let wanted = Array(text.utf8)
        var found = false
        try reader.log.forEachBatch(from: .start, through: nil) { batch in
            found = Array(batch.message).firstRange(of: wanted) != nil
            return !found
        }
        return found
    }
}

extension TestStore {
    /// Appends batches to the log of a closed store behind the deciders' back.
    func append(_ batches: [[Event]]) throws {
        let log = try LogDirectory.open(
            storage: try FileStorage(path: configuration.directory + "/log"),
            options: configuration.logOptions, hash: .sha256, clock: configuration.clock)
        for events in batches {
            let metadata = BatchMetadata(
                recordedAt: configuration.clock(), actor: .import, command: "Forged")
            _ = try log.writer.stage(metadata) { encoder in
                for event in events {
                    encoder.event(
                        type: event.type, schemaVersion: event.schemaVersion, tags: event.tags
                    ) { event.encode(into: &$0) }
                }
            }
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
        try log.committer.close()
    }

    /// Whether every read model holds what a rebuild gives.
    func modelsEqualRebuild() throws -> [Bool?] {
        try ProjectionRebuild.rebuild(ReadModelName.allCases, of: configuration) { _, _ in true }
            .map(\.isEqual)
    }

    func status(of name: ReadModelName) throws -> ProjectionStatus? {
        let reader = try DaybookReader.open(directory: configuration.directory)
        return ProjectionStatus.all(of: configuration.directory, log: reader.log, now: clock.now)
            .first { $0.name == name }
    }
}
