import DaybookCore
import DaybookEngine

/// The digest by which a worker and a witness compare batches: of the content, not of its bytes in
/// the log, so that it holds for what was handed in and for what was read back alike.
enum BatchDigest {
    static func digest(of batch: ProposedBatch) -> Digest {
        digest(
            batch.metadata,
            batch.events.map { ($0.type, $0.schemaVersion, $0.tags, $0.payload) })
    }

    static func digest(of batch: RecordedBatch) -> Digest {
        digest(
            batch.metadata,
            batch.events.map { ($0.type, $0.schemaVersion, $0.tags, $0.payload) })
    }

    private static func digest(
        _ metadata: BatchMetadata, _ events: [(EventType, UInt32, [Tag], [UInt8])]
    ) -> Digest {
        var bytes: [UInt8] = []
        func add(_ text: String) { bytes += Array("\(text.utf8.count):\(text)".utf8) }
        add(metadata.command)
        add(metadata.actor.description)
        add(metadata.idempotencyKey ?? "")
        add(String(metadata.recordedAt.microseconds))
        add(String(events.count))
        for (type, schemaVersion, tags, payload) in events {
            add(type.rawValue)
            add(String(schemaVersion))
            add(tags.map(\.description).joined(separator: " "))
            add(String(payload.count))
            bytes += payload
        }
        return bytes.withUnsafeBytes { HashFunction.sha256.digest($0) }
    }
}
