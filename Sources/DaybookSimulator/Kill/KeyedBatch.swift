package import DaybookCore
internal import DaybookEngine

/// A batch whose whole content follows from its idempotency key, so that whoever knows the key can
/// say what must stand in the log, whatever process wrote it.
///
/// A key reads `name:2x300`: two events of 300 payload bytes each. Tests/Survival/daybook_log.py
/// derives the same bytes independently.
package struct KeyedBatch: Hashable, Sendable {
    package let key: String
    package let eventCount: Int
    package let payloadByteCount: Int

    /// One task's batches: their events are tagged with the task.
    package static let tagLabel = "task"
    package static let command = "Survive"
    /// Compressible, as real events are.
    private static let filler = Array("the log survives everything here".utf8)

    package init(name: String, eventCount: Int, payloadByteCount: Int) {
        key = "\(name):\(eventCount)x\(payloadByteCount)"
        self.eventCount = eventCount
        self.payloadByteCount = payloadByteCount
    }

    /// Reads the shape off a key; `nil` unless it ends in one.
    package init?(key: String) {
        guard let shape = key.split(separator: ":").last, shape.count < key.count else {
            return nil
        }
        let numbers = shape.split(separator: "x").compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] >= 0 else { return nil }
        self.key = key
        eventCount = numbers[0]
        payloadByteCount = numbers[1]
    }

    /// What comes before the first colon names who sends it.
    private var task: Substring { key.prefix { $0 != "." && $0 != ":" } }

    package var tag: Tag { Tag(label: KeyedBatch.tagLabel, text: String(task)) }

    package func proposed(at now: Instant) -> ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: now, actor: .system, command: KeyedBatch.command, idempotencyKey: key),
            events: (0..<eventCount).map { index in
                ProposedEvent(type: "Survived", tags: [tag], payload: payload(ofEvent: index))
            })
    }

    /// Blocks of 64 bytes: SHA-256 of `key/event/block`, then filler.
    private func payload(ofEvent index: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payloadByteCount + 64)
        var block = 0
        while bytes.count < payloadByteCount {
            bytes += KeyedBatch.digest(of: [Array("\(key)/\(index)/\(block)".utf8)]).bytes
            bytes += KeyedBatch.filler
            block += 1
        }
        bytes.removeLast(bytes.count - payloadByteCount)
        return bytes
    }

    /// Whether a recorded batch is exactly this one.
    package func isContent(of batch: RecordedBatch) -> Bool {
        guard batch.metadata.idempotencyKey == key, batch.metadata.command == KeyedBatch.command,
            batch.events.count == eventCount
        else { return false }
        return batch.events.enumerated().allSatisfy { index, event in
            event.type == "Survived" && event.schemaVersion == 1 && event.tags == [tag]
                && event.payload == payload(ofEvent: index)
        }
    }

    /// SHA-256 of the payloads, one after another.
    package static func digest(of payloads: [[UInt8]]) -> Digest {
        let whole = payloads.count == 1 ? payloads[0] : Array(payloads.joined())
        return whole.withUnsafeBytes { HashFunction.sha256.digest($0) }
    }
}
