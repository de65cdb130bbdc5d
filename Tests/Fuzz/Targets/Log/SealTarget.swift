internal import DaybookCore

@testable internal import DaybookLog

/// A seal's payload and its trailer. The first byte: 1 counts, 2 order of the sparse index,
/// 4 numbers of the frame are put right.
enum SealTarget {
    private static let logID = LogID(rawValue: 7)
    private static let headerCopy = SegmentHeader(
        logID: logID, number: 1, firstFrameNumber: 1, firstBatchNumber: 1,
        firstPosition: LogPosition(rawValue: 1), createdAt: Instant(microseconds: 5),
        writerEpoch: 1, byteCount: 16 << 10, chain: HashFunction.cheap.genesisChain(of: logID),
        previousSeal: .zero, salt: .zero
    ).encoded
    private static let sealOffset: UInt64 = 8_192

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        var input = FuzzInput(input)
        let flags = input.byte()
        let trailer = input.bytes(most: 64)
        var payload = headerCopy + input.rest()
        guard payload.count >= Seal.fixedByteCount else { return }
        if flags & 1 != 0 { mendCounts(&payload) }
        readTrailer(trailer)
        payload.withUnsafeBytes { bytes in
            guard let seal = try? Seal(decoding: bytes) else { return }
            let again = seal.encoded.withUnsafeBytes { try? Seal(decoding: $0) }
            require(again == seal, "a seal does not encode to what it was decoded from")
            _ = seal.frontier.root(hash: .cheap)
            var frontier = seal.frontier
            frontier.append(leaf: .zero, hash: .cheap)
        }
        readEnd(payload, flags)
    }

    private static func mendCounts(_ payload: inout [UInt8]) {
        let entries = (payload.count - Seal.fixedByteCount) / SparseEntry.byteCount
        payload.removeLast((payload.count - Seal.fixedByteCount) % SparseEntry.byteCount)
        payload.withUnsafeMutableBytes { bytes in
            // A tree of at most 2^16 batches with as many subtrees as there are bits.
            let size = UnsafeRawBufferPointer(bytes).uint64(at: 4176) & 0xFFFF
            let subtrees = size.nonzeroBitCount
            let isEnough =
                subtrees * Digest.byteCount % SparseEntry.byteCount == 0
                && subtrees * Digest.byteCount / SparseEntry.byteCount <= entries
            bytes.store(isEnough ? size : 0, at: 4176)
            bytes.store(UInt32(isEnough ? subtrees : 0), at: 4256)
            let taken = isEnough ? subtrees * Digest.byteCount / SparseEntry.byteCount : 0
            bytes.store(UInt32(entries - taken), at: 4260)
            bytes.store(UInt64(0), at: 4248)
        }
    }

    private static func readTrailer(_ bytes: [UInt8]) {
        var bytes = bytes + [UInt8](repeating: 0, count: 64 - bytes.count)
        bytes.replaceSubrange(0..<8, with: SegmentTrailer.magic)
        Checksums.mend(&bytes, from: 0, count: 60)
        bytes.withUnsafeBytes { bytes in
            let byteCount = bytes.uint64(at: 48) & 0x7FFF_FFFF_FFFF_FFFF
            guard let trailer = SegmentTrailer(decoding: bytes, fileByteCount: byteCount) else {
                return
            }
            require(trailer.fileByteCount == byteCount, "a trailer is not of a file of this length")
        }
    }

    /// The end of a segment: the seal's frame with this payload, and a trailer that fits.
    private static func readEnd(_ payload: [UInt8], _ flags: UInt8) {
        let assembler = FrameAssembler(hash: .cheap, codec: .none, segmentTag: 9, writerEpoch: 1)
        let buffer = GrowingBuffer()
        var numbers = (frame: UInt64(5), batch: UInt64(5), position: UInt64(5))
        payload.withUnsafeBytes { bytes in
            guard flags & 4 != 0 else { return }
            numbers = (
                bytes.uint64(at: 4152) &- 1, bytes.uint64(at: 4160), bytes.uint64(at: 4168)
            )
        }
        // What an assembler is ever given; others are refused when a header is read.
        let possible = UInt64(1)..<(1 << 61)
        guard possible.contains(numbers.frame), possible.contains(numbers.batch),
            possible.contains(numbers.position)
        else { return }
        var expectation = FrameExpectation(
            byteOffset: sealOffset, frameNumber: numbers.frame, batchNumber: numbers.batch,
            position: LogPosition(rawValue: numbers.position), time: Instant(microseconds: 0),
            writerEpoch: 1, chain: .zero)
        payload.withUnsafeBytes { payload in
            _ = assembler.append(
                .init(kind: .seal), assembler.payload(payload, kind: .seal),
                following: &expectation, at: Instant(microseconds: 3), durableOffset: sealOffset,
                to: buffer)
        }
        let trailer = SegmentTrailer(
            logID: logID, segmentNumber: 1, sealOffset: sealOffset,
            sealByteCount: expectation.byteOffset - sealOffset)
        trailer.encode(into: buffer.extend(by: SegmentTrailer.byteCount))
        guard
            let end = try? SegmentFile.SealedEnd(
                decoding: buffer.used, trailer, segmentTag: 9, hash: .cheap)
        else { return }
        _ = end.expectation.head
        var frontier = end.seal.frontier
        frontier.append(leaf: .zero, hash: .cheap)
    }
}
