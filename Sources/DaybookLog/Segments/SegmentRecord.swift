internal import DaybookCore

/// What a reader knows of one segment.
struct SegmentRecord: Sendable {
    var number: UInt64
    var segmentTag: UInt32
    var firstFrameNumber: UInt64
    var firstBatchNumber: UInt64
    var firstPosition: LogPosition
    /// Of the durable frames; without the seal.
    var tally: SegmentTally
    /// The end of the durable frames; without the seal.
    var endOffset: UInt64
    var isSealed: Bool { sealDigest != nil }
    /// Of seal and trailer, once it is sealed.
    var sealDigest: Digest?

    /// The offset of a frame at or before the one that holds a position.
    func offset(before position: LogPosition) -> UInt64 {
        var low = 0
        var high = tally.entries.count
        while low < high {
            let middle = (low + high) / 2
            if tally.entries[middle].position <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let offset = low == 0 ? UInt64(SegmentHeader.byteCount) : tally.entries[low - 1].byteOffset
        invariant(offset <= endOffset, "SegmentRecord: a frame that is known is durable")
        invariant(
            low == 0 || tally.entries[low - 1].position <= position,
            "SegmentRecord: a scan from there comes by the position")
        return offset
    }
}

extension SegmentRecord {
    /// - Parameter segment: sealed.
    init?(_ segment: SegmentFile) {
        guard let sealed = segment.sealed else { return nil }
        self.init(
            segment.header, segmentTag: segment.segmentTag, tally: sealed.seal.tally,
            endOffset: sealed.frame.byteOffset, sealDigest: sealed.digest)
    }

    init(
        _ header: SegmentHeader, segmentTag: UInt32, tally: SegmentTally, endOffset: UInt64,
        sealDigest: Digest?
    ) {
        number = header.number
        self.segmentTag = segmentTag
        firstFrameNumber = header.firstFrameNumber
        firstBatchNumber = header.firstBatchNumber
        firstPosition = header.firstPosition
        self.tally = tally
        self.endOffset = endOffset
        self.sealDigest = sealDigest
        invariant(firstPosition > .start, "SegmentRecord: positions begin with 1")
        invariant(
            endOffset >= UInt64(SegmentHeader.byteCount),
            "SegmentRecord: frames stand behind the header")
    }
}
