internal import DaybookCore

@testable internal import DaybookLog

/// A segment's header. The input lies over a good one; its first byte says where (2: from the
/// start, otherwise over the fields) and whether the checksum is put right (1).
enum SegmentHeaderTarget {
    private static let good = SegmentHeader(
        logID: LogID(rawValue: 7), number: 3, firstFrameNumber: 9, firstBatchNumber: 8,
        firstPosition: LogPosition(rawValue: 20), createdAt: Instant(microseconds: 5),
        writerEpoch: 2, byteCount: 16 << 10, chain: .zero, previousSeal: .zero, salt: .zero
    ).encoded

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        var bytes = good
        let start = input[0] & 2 != 0 ? 0 : 256
        for (index, byte) in input.dropFirst().enumerated() where start + index < bytes.count {
            // Zeros leave what is there, so that short inputs reach far.
            if byte != 0 { bytes[start + index] = byte == 0xFE ? 0 : byte }
        }
        if input[0] & 1 != 0 { Checksums.mend(&bytes, from: 0, count: 4_092) }
        bytes.withUnsafeBytes { bytes in
            for forWriting in [true, false] {
                guard let header = try? SegmentHeader(decoding: bytes, forWriting: forWriting)
                else { continue }
                _ = header.expectation.head
                // A newer minor version may have put something where this one has zeros.
                guard header.formatMinor == 0, bytes.starts(with: SegmentHeader.text) else {
                    continue
                }
                require(
                    header.encoded.elementsEqual(bytes),
                    "a segment header does not encode to what it was decoded from")
            }
        }
    }
}
