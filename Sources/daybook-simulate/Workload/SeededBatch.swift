import DaybookCore
import DaybookSimulator

/// The batches that worker processes append: each follows from a seed and its own number, so that
/// whoever reads one back knows what it must be.
struct SeededBatch {
    /// Counts the batches that were sent, from 1; also the batch's idempotency key.
    let token: UInt64
    let batch: ProposedBatch

    /// Mostly small events, some longer than a page: frames then end at every kind of place.
    init(seed: UInt64, token: UInt64, at now: Instant) {
        var chance = SplitMix64(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ token)
        let eventCount = 1 + Int(chance.next() % 4)
        let events = (0..<eventCount).map { index in
            ProposedEvent(
                type: index == 0 ? "Placed" : "Changed",
                schemaVersion: UInt32(1 + chance.next() % 2),
                tags: [
                    Tag(label: "order", identifier: UInt128(token)),
                    Tag(label: "sku", text: "SKU-\(chance.next() % 50)"),
                ], payload: SeededBatch.payload(&chance))
        }
        self.token = token
        batch = ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: now, actor: .system, command: "Append", idempotencyKey: "t\(token)"),
            events: events)
    }

    private static func payload(_ chance: inout SplitMix64) -> [UInt8] {
        let byteCount: Int
        switch chance.next() % 20 {
        case 0..<13: byteCount = 16 + Int(chance.next() % 300)
        case 13..<18: byteCount = 300 + Int(chance.next() % 2_000)
        default: byteCount = 3_500 + Int(chance.next() % 5_000)
        }
        // Random bytes: what LZ4 cannot shorten fills sectors.
        return (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: chance.next() >> 17) }
    }
}
