public import DaybookCore
import DaybookEngine

/// Makes batches for the bare log; the same number gives the same batch, but for its time.
///
/// Every batch is about a subject of its own, whose tag all its events carry. Payloads have 256 bytes:
/// half of them random digits, half names that repeat, or no byte that repeats.
public struct EventSource: Sendable {
    private let batch: Int
    private let seed: UInt64
    private let random: Bool

    private static let names = Array(
        #"{"student":"","course":"","room":"Lecture hall B","term":"winter","state":"enrolled""#
            .utf8)
    private static let payloadByteCount = 256

    public init(batch: Int, seed: UInt64 = 1, random: Bool = false) {
        self.batch = batch
        self.seed = seed
        self.random = random
    }

    public func batch(_ number: Int) -> (batch: ProposedBatch, subject: Tag) {
        var numbers = SplitMix64(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
        let subject = Tag(
            label: "subject",
            identifier: UInt128(numbers.next()) << 64 | UInt128(UInt64(number) + 1))
        let events = (0..<batch).map { _ in
            ProposedEvent(type: "Enrolled", tags: [subject], payload: payload(&numbers))
        }
        let metadata = BatchMetadata(
            recordedAt: DaybookConfiguration.wallClock(), actor: .operator("workload"),
            command: "Enrol")
        return (ProposedBatch(metadata: metadata, events: events), subject)
    }

    private func payload(_ numbers: inout SplitMix64) -> [UInt8] {
        let names = EventSource.names
        return [UInt8](unsafeUninitializedCapacity: EventSource.payloadByteCount) { bytes, count in
            count = EventSource.payloadByteCount
            var index = 0
            while index < count {
                var word = numbers.next()
                for _ in 0..<8 {
                    let isName = !random && index % 32 < 16
                    bytes[index] =
                        random
                        ? UInt8(truncatingIfNeeded: word)
                        : isName ? names[index / 2 % names.count] : 0x30 + UInt8(word & 0xF) % 10
                    word >>= 8
                    index += 1
                }
            }
        }
    }
}
