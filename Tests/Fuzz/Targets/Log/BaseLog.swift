internal import DaybookCore

@testable internal import DaybookLog

/// A good log of three segments of 16 KiB, two of them sealed: what inputs damage.
struct BaseLog: Sendable {
    /// By name, sorted; `MARK` comes behind the segments.
    let files: [(name: String, bytes: [UInt8])]
    /// Where the frames of each segment begin, the seal's too.
    let frameOffsets: [[Int]]

    static let options: EventLogOptions = {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.schema = Array("schema".utf8)
        return options
    }()

    static let clock: @Sendable () -> Instant = { Instant(microseconds: 1_700_000_000_000_000) }

    static let tags = [Tag(label: "sku", text: "85123A"), OrderID(rawValue: 5).tag]

    /// Two events: one of 2,500 bytes that do not compress, so that few batches fill a segment, and
    /// one that does.
    static func batch(_ number: Int) -> ProposedBatch {
        var seed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let noise = (0..<(number % 3 == 0 ? 40 : 2_500)).map { _ -> UInt8 in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: seed >> 56)
        }
        let metadata = BatchMetadata(
            recordedAt: Instant(microseconds: 5), actor: .system, command: "fuzz",
            idempotencyKey: number % 4 == 0 ? "key-\(number)" : nil)
        return ProposedBatch(
            metadata: metadata,
            events: [
                ProposedEvent(type: "OrderPlaced", tags: tags, payload: noise),
                ProposedEvent(
                    type: "StockReserved", tags: [tags[number % 2]],
                    payload: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 200)),
            ])
    }

    init() throws {
        let storage = MemoryStorage()
        let salt = HashFunction.cheap.digest(UnsafeRawBufferPointer(start: nil, count: 0))
        let log = try LogDirectory.create(
            storage: storage, options: BaseLog.options, hash: .cheap, clock: BaseLog.clock,
            newLogID: LogID(rawValue: 7), salt: salt)
        var number = 0
        // Until the third segment has begun, whatever the format's sizes are.
        while storage.files[LogFileName.segment(3)] == nil {
            number += 1
            _ = try log.writer.stage(BaseLog.batch(number), when: nil)
            if number % 3 != 2, let group = log.writer.closeGroup() {
                _ = try log.committer.commit(group)
            }
        }
        try log.committer.close()
        let names = try storage.list().filter { LogFileName.segmentNumber(of: $0) != nil }
        files = (names + [LogFileName.mark]).map { ($0, storage.files[$0]?.bytes ?? []) }
        frameOffsets = try names.map { try BaseLog.frameOffsets(storage.files[$0]?.bytes ?? []) }
    }

    private static func frameOffsets(_ bytes: [UInt8]) throws -> [Int] {
        var offsets: [Int] = []
        var offset = SegmentHeader.byteCount
        bytes.withUnsafeBytes { bytes in
            while offset + FrameHeader.byteCount <= bytes.count,
                let header = try? FrameHeader(
                    decoding: bytes.slice(offset, FrameHeader.byteCount))
            {
                offsets.append(offset)
                offset = Int(header.endOffset)
            }
        }
        return offsets
    }
}
