public import DaybookCore
import DaybookEngine

/// Makes batches for the bare log; the same number gives the same batch, but for its time.
///
/// Every batch is about a subject of its own, whose tag all its events carry. Payloads have 256 bytes:
/// half of them random digits, half names that repeat, or no byte that repeats. They are drawn from a
/// pool that is made beforehand, since making one takes a fifth of all that appending it takes, and far
/// larger than what LZ4 looks back on.
public struct EventSource: Sendable {
    private let batch: Int
    private let seed: UInt64
    private let payloads: [[UInt8]]

    private static let names = Array(
        #"{"student":"","course":"","room":"Lecture hall B","term":"winter","state":"enrolled""#
            .utf8)
    private static let payloadByteCount = 256
    private static let poolCount = 1 << 14

    public init(batch: Int, seed: UInt64 = 1, random: Bool = false) {
        self.batch = batch
        self.seed = seed
        var numbers = SplitMix64(seed: seed)
        payloads = (0..<EventSource.poolCount).map { _ in
            EventSource.payload(&numbers, random: random)
        }
    }

    public func batch(_ number: Int) -> (batch: ProposedBatch, subject: Tag) {
        var numbers = SplitMix64(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
        let subject = Tag(
            label: "subject",
            identifier: UInt128(numbers.next()) << 64 | UInt128(UInt64(number) + 1))
        let first = Int(truncatingIfNeeded: numbers.next() >> 32)
        let events = (0..<batch).map { index in
            ProposedEvent(
                type: "Enrolled", tags: [subject],
                payload: payloads[(first + index) % EventSource.poolCount])
        }
        let metadata = BatchMetadata(
            recordedAt: DaybookConfiguration.wallClock(), actor: .operator("workload"),
            command: "Enrol")
        return (ProposedBatch(metadata: metadata, events: events), subject)
    }

    private static func payload(_ numbers: inout SplitMix64, random: Bool) -> [UInt8] {
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
