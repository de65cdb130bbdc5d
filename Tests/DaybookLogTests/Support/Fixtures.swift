import Crypto
import DaybookCore
import DaybookLog
import Synchronization

extension DaybookCore.HashFunction {
    /// SHA-256 of swift-crypto, as an embedder would hand it in.
    static let sha256 = DaybookCore.HashFunction { first, second in
        var hasher = SHA256()
        hasher.update(bufferPointer: first)
        hasher.update(bufferPointer: second)
        return hasher.finalize().withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }
}

/// A clock that stands still until it is told otherwise.
final class TestClock: Sendable {
    private let now = Mutex<Int64>(1_700_000_000_000_000)

    var read: @Sendable () -> Instant {
        { Instant(microseconds: self.now.withLock { $0 }) }
    }

    func advance(microseconds: Int64) { now.withLock { $0 += microseconds } }
}

let testLogID = LogID(rawValue: 0x0190_0000_0000_7000_8000_0000_0000_0001)
let testSalt: DaybookCore.Digest = {
    let bytes = (0..<32).map { UInt8($0) &* 7 &+ 3 }
    return bytes.withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
}()

/// Segments of 16 KiB, so that a few hundred batches fill several.
func smallOptions(
    codec: EventLogOptions.Codec = .lz4, durability: EventLogOptions.Durability = .lazy
) -> EventLogOptions {
    var options = EventLogOptions()
    options.firstSegmentByteCount = 16 << 10
    options.segmentByteCount = 16 << 10
    options.codec = codec
    options.durability = durability
    return options
}

func metadata(key: String? = nil, command: String = "PlaceOrder") -> BatchMetadata {
    BatchMetadata(
        recordedAt: Instant(microseconds: 1_290_000_000_000_000),
        actor: .user(UserID(rawValue: 7)), command: command, idempotencyKey: key)
}

func event(
    _ type: EventType = "OrderPlaced", order: UInt128 = 1, payload: String = "two books"
) -> ProposedEvent {
    ProposedEvent(
        type: type, tags: [OrderID(rawValue: order).tag, Tag(label: "sku", text: "85123A")],
        payload: Array(payload.utf8))
}

func batch(_ events: ProposedEvent..., key: String? = nil) -> ProposedBatch {
    ProposedBatch(metadata: metadata(key: key), events: events)
}

extension OpenedLog {
    /// Stages one batch and commits it alone.
    @discardableResult
    func append(_ batch: ProposedBatch, when condition: AppendCondition? = nil) throws
        -> AppendResult
    {
        let result = try writer.stage(batch, when: condition)
        if let group = writer.closeGroup() { _ = try committer.commit(group) }
        return result
    }
}

func position(_ rawValue: UInt64) -> LogPosition { LogPosition(rawValue: rawValue) }
