import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import Foundation

/// The same history as an older program would have written it.
///
/// `ProductAdded` was called `ArticleAdded` once: in version 1 with the price in pence, in version 2 as
/// it is today.
enum OldLog {
    static func chain() throws -> UpcasterChain {
        try UpcasterChain(
            [
                PoundsWereMeant(),
                EventRename(
                    EventKind("ArticleAdded", schemaVersion: 2),
                    to: EventKind("ProductAdded", schemaVersion: 1)),
            ], currentVersions: EventSchema.current.latestVersions)
    }

    /// Writes the log of a closed store anew with the old names; every other one in version 1.
    static func rewrite(_ store: TestStore) throws {
        let folder = store.configuration.directory + "/log"
        let storage = try FileStorage(path: folder, readOnly: true)
        let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
        var batches: [RecordedBatch] = []
        try reader.forEachBatch(from: .start, through: nil) { batch in
            batches.append(try batch.recorded())
            return true
        }
        let logID = reader.logID
        try FileManager.default.removeItem(atPath: folder)
        let log = try LogDirectory.create(
            storage: try FileStorage(path: folder, creating: true),
            options: store.configuration.logOptions, hash: .sha256,
            clock: store.configuration.clock, newLogID: logID,
            salt: Digest([UInt8](repeating: 3, count: 32)) ?? .zero)
        for batch in batches {
            _ = try log.writer.stage(
                ProposedBatch(metadata: batch.metadata, events: try batch.events.map(old)))
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
        try log.committer.close()
    }

    private static func old(_ event: RecordedEvent) throws -> ProposedEvent {
        guard event.type == ProductAdded.type else {
            return ProposedEvent(
                type: event.type, schemaVersion: event.schemaVersion, tags: event.tags,
                payload: event.payload)
        }
        let isFirst = event.position.rawValue % 2 == 1
        return ProposedEvent(
            type: "ArticleAdded", schemaVersion: isFirst ? 1 : 2, tags: event.tags,
            payload: isFirst ? try inPence(event.payload) : event.payload)
    }

    private static func inPence(_ payload: [UInt8]) throws -> [UInt8] {
        try payload.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            let event = try ProductAdded(from: &reader)
            var writer = WireWriter()
            writer.field(1, text: event.sku.rawValue)
            writer.field(2, text: event.name)
            writer.field(3, int: event.price.minor)
            writer.field(4, bool: event.stocked)
            writer.field(5, bool: event.backorder)
            return writer.bytes
        }
    }
}

/// Field 3 was the price in pence; now it is a message of amount and currency.
private struct PoundsWereMeant: Upcaster {
    let type: EventType = "ArticleAdded"
    let fromSchemaVersion: UInt32 = 1

    func upcast(_ payload: [UInt8]) throws -> [UInt8] {
        try payload.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            var writer = WireWriter()
            while let tag = try reader.nextTag() {
                switch tag.field {
                case 3:
                    let price = gbp(try reader.int64(tag))
                    writer.field(3) { price.encode(into: &$0) }
                case 4, 5: writer.field(tag.field, bool: try reader.bool(tag))
                default: writer.alwaysField(tag.field, bytes: try reader.bytes(tag))
                }
            }
            return writer.bytes
        }
    }
}
