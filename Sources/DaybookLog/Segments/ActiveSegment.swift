internal import DaybookCore

/// The segment that is appended to.
struct ActiveSegment {
    let file: any StorageFile
    let header: SegmentHeader
    let headerBytes: [UInt8]
    let segmentTag: UInt32
    /// What the next frame must say; ahead of `durable` while a group is being assembled.
    var expectation: FrameExpectation
    /// The same at the end of what the last `fdatasync` covered.
    var durable: FrameExpectation
    var tally: SegmentTally
    var frontier: MerkleFrontier
    /// The newest note's payload, so that schemas are written again only when they changed.
    var lastNote: [UInt8]?

    /// Frames end here at the latest, so that the seal always fits.
    var usableEnd: UInt64 {
        invariant(
            header.byteCount > Seal.reservedByteCount(inSegmentOf: header.byteCount),
            "ActiveSegment: a segment is longer than its seal")
        return header.byteCount - Seal.reservedByteCount(inSegmentOf: header.byteCount)
    }

    var usableByteCount: UInt64 { usableEnd - min(expectation.byteOffset, usableEnd) }

    var isHalfFull: Bool { expectation.byteOffset > header.byteCount / 2 }

    func record(sealDigest: Digest? = nil) -> SegmentRecord {
        invariant(
            durable.byteOffset <= expectation.byteOffset,
            "ActiveSegment: readers see nothing that was not written")
        invariant(
            durable.byteOffset <= header.byteCount,
            "ActiveSegment: what is durable lies in the file")
        invariant(
            PlantedBug.noPoisonAfterFailedWrite.isPlanted
                || tally.eventCount == expectation.position.rawValue
                    - header.firstPosition.rawValue,
            "ActiveSegment: every position was counted")
        invariant(
            PlantedBug.noPoisonAfterFailedWrite.isPlanted
                || tally.batchCount == expectation.batchNumber - header.firstBatchNumber,
            "ActiveSegment: every batch was counted")
        return SegmentRecord(
            header, segmentTag: segmentTag, tally: tally, endOffset: durable.byteOffset,
            sealDigest: sealDigest)
    }
}

/// What the next segment continues.
struct SealedTail {
    var number: UInt64
    var sealDigest: Digest
    /// What the next segment's first frame must say.
    var expectation: FrameExpectation
    var frontier: MerkleFrontier
    var record: SegmentRecord?

    /// Before the first segment.
    static func genesis(of log: LogID, hash: HashFunction) -> SealedTail {
        SealedTail(
            number: 0, sealDigest: .zero,
            expectation: FrameExpectation(
                byteOffset: UInt64(SegmentHeader.byteCount), frameNumber: 1, batchNumber: 1,
                position: LogPosition(rawValue: 1), time: Instant(microseconds: .min),
                writerEpoch: 0, chain: hash.genesisChain(of: log)),
            frontier: MerkleFrontier(), record: nil)
    }

    /// - Parameter sealed: the end of the segment.
    init(_ segment: SegmentFile, _ sealed: SegmentFile.SealedEnd) {
        self.init(
            number: segment.header.number, sealDigest: sealed.digest,
            expectation: sealed.expectation, frontier: sealed.seal.frontier,
            record: SegmentRecord(segment))
    }

    init(
        number: UInt64, sealDigest: Digest, expectation: FrameExpectation,
        frontier: MerkleFrontier, record: SegmentRecord?
    ) {
        invariant(
            expectation.byteOffset == UInt64(SegmentHeader.byteCount),
            "SealedTail: the next segment's first frame stands behind its header")
        invariant(
            record == nil || record?.number == number, "SealedTail: the record is the segment's own"
        )
        invariant(
            record == nil || record?.sealDigest == sealDigest,
            "SealedTail: the record has the segment's seal")
        invariant(
            PlantedBug.compressedLeafSkipped.isPlanted
                || frontier.size + 1 == expectation.batchNumber, "SealedTail: one leaf a batch")
        self.number = number
        self.sealDigest = sealDigest
        self.expectation = expectation
        self.frontier = frontier
        self.record = record
    }
}
