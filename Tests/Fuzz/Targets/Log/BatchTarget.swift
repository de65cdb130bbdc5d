internal import DaybookCore

@testable internal import DaybookLog

/// The raw payload of a frame: batches behind their lengths. The first byte: 1 the rest is one
/// message and its length is put in front.
enum BatchTarget {
    nonisolated(unsafe) private static let tables = BatchTables()

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        var bytes = Array(input[1...])
        if input[0] & 1 != 0 {
            let message = bytes
            var writer = WireWriter(capacity: message.count + 4)
            writer.delimited { writer in message.withUnsafeBytes { writer.append(raw: $0) } }
            bytes = writer.bytes
        }
        bytes.withUnsafeBytes { raw in
            var batches = BatchSequence(
                raw, firstBatchNumber: 3, firstPosition: LogPosition(rawValue: 11))
            var recorded: [RecordedBatch] = []
            do {
                var isMore = true
                while isMore {
                    isMore = try batches.visitNext(tables) { batch in
                        try batch.validate()
                        recorded.append(try batch.recorded())
                    }
                }
            } catch {
                return
            }
            for batch in recorded { checkRoundTrip(batch) }
        }
    }

    /// What decodes and keeps the writer's limits must encode and decode to the same batch.
    private static func checkRoundTrip(_ batch: RecordedBatch) {
        var encoder = BatchEncoder()
        for event in batch.events {
            encoder.event(
                type: event.type, schemaVersion: event.schemaVersion, tags: event.tags
            ) { writer in event.payload.withUnsafeBytes { writer.append(raw: $0) } }
        }
        guard encoder.problem == nil else { return }
        var writer = WireWriter(capacity: 1_024)
        encoder.write(batch.metadata, into: &writer)
        require(
            writer.byteCount <= encoder.byteCountBound(batch.metadata) + 8,
            "a batch is longer than its bound")
        writer.withUnsafeBytes { raw in
            var again = BatchSequence(
                raw, firstBatchNumber: batch.number, firstPosition: batch.firstPosition)
            var copy: RecordedBatch?
            _ = try? again.visitNext(tables) { copy = try $0.recorded() }
            require(copy == batch, "a batch does not encode to what it was decoded from")
        }
    }
}
