package import DaybookCore

/// The last 64 bytes of a sealed segment: they locate its seal.
///
/// Format: Schemas/log/FORMAT.md, Trailer.
package struct SegmentTrailer: Hashable, Sendable {
    package var logID: LogID
    package var segmentNumber: UInt64
    package var sealOffset: UInt64
    /// Header, payload and padding of the seal frame.
    package var sealByteCount: UInt64

    package static let byteCount = 64
    static let magic = Array("DBKTRAIL".utf8)

    /// The length of the whole file.
    package var fileByteCount: UInt64 {
        sealOffset + sealByteCount + UInt64(SegmentTrailer.byteCount)
    }

    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(bytes.count == SegmentTrailer.byteCount, "SegmentTrailer: it has 64 bytes")
        invariant(
            sealOffset >= UInt64(SegmentHeader.byteCount),
            "SegmentTrailer: the seal stands behind the header")
        invariant(sealByteCount % 8 == 0, "SegmentTrailer: frames are multiples of 8 long")
        invariant(segmentNumber >= 1, "SegmentTrailer: segments are numbered from 1")
        SegmentTrailer.magic.withUnsafeBytes { bytes.copy($0, at: 0) }
        bytes.store(identifier: logID.rawValue, at: 8)
        bytes.store(segmentNumber, at: 24)
        bytes.store(sealOffset, at: 32)
        bytes.store(sealByteCount, at: 40)
        bytes.store(fileByteCount, at: 48)
        bytes.store(UInt32(0), at: 56)
        bytes.store(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<60])), at: 60)
    }

    /// `nil` unless the 64 bytes are a trailer of a file of this length.
    package init?(decoding bytes: UnsafeRawBufferPointer, fileByteCount: UInt64) {
        invariant(bytes.count == SegmentTrailer.byteCount, "SegmentTrailer: it has 64 bytes")
        guard bytes.starts(with: SegmentTrailer.magic),
            bytes.uint32(at: 60) == Checksum.crc32c(bytes.slice(0, 60)), bytes.uint32(at: 56) == 0,
            bytes.uint64(at: 48) == fileByteCount
        else { return nil }
        logID = LogID(rawValue: bytes.identifier(at: 8))
        segmentNumber = bytes.uint64(at: 24)
        sealOffset = bytes.uint64(at: 32)
        sealByteCount = bytes.uint64(at: 40)
        guard sealOffset >= UInt64(SegmentHeader.byteCount), sealOffset < fileByteCount,
            sealByteCount < fileByteCount, self.fileByteCount == fileByteCount
        else { return nil }
    }

    package init(logID: LogID, segmentNumber: UInt64, sealOffset: UInt64, sealByteCount: UInt64) {
        self.logID = logID
        self.segmentNumber = segmentNumber
        self.sealOffset = sealOffset
        self.sealByteCount = sealByteCount
    }
}
