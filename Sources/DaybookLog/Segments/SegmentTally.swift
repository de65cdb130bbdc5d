package import DaybookCore

/// What a segment holds so far: kept while frames are appended or walked, written into its seal.
package struct SegmentTally: Hashable, Sendable {
    package private(set) var frameCount: UInt64 = 0
    package private(set) var batchCount: UInt64 = 0
    package private(set) var eventCount: UInt64 = 0
    package private(set) var rawByteCount: UInt64 = 0
    package private(set) var storedByteCount: UInt64 = 0
    package private(set) var firstTime: Instant?
    package private(set) var lastTime: Instant?
    package private(set) var entries: [SparseEntry] = []
    /// Covers the segment's header and every frame header.
    package private(set) var headerDigest: Digest

    /// - Parameter header: the segment's, 4,096 bytes.
    init(segmentHeader header: UnsafeRawBufferPointer, hash: HashFunction) {
        headerDigest = hash.headerDigest(ofSegmentHeader: header)
    }

    init(
        frameCount: UInt64, batchCount: UInt64, eventCount: UInt64, rawByteCount: UInt64,
        storedByteCount: UInt64, firstTime: Instant?, lastTime: Instant?, entries: [SparseEntry],
        headerDigest: Digest
    ) {
        self.frameCount = frameCount
        self.batchCount = batchCount
        self.eventCount = eventCount
        self.rawByteCount = rawByteCount
        self.storedByteCount = storedByteCount
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.entries = entries
        self.headerDigest = headerDigest
    }

    /// Counts a frame.
    ///
    /// - Parameter bytes: its 128 header bytes as they are in the file.
    mutating func add(_ header: FrameHeader, bytes: UnsafeRawBufferPointer, hash: HashFunction) {
        frameCount += 1
        batchCount += UInt64(header.batchCount)
        eventCount += UInt64(header.eventCount)
        rawByteCount += UInt64(header.rawByteCount)
        storedByteCount += UInt64(header.storedByteCount)
        firstTime = firstTime ?? header.time
        lastTime = header.time
        headerDigest = hash.headerDigest(after: headerDigest, frameHeader: bytes)
        invariant(
            batchCount <= eventCount, "SegmentTally: a batch has at least one event")
        invariant(
            storedByteCount <= rawByteCount, "SegmentTally: storing makes no payload longer")
        invariant(
            UInt64(entries.count) < frameCount,
            "SegmentTally: an entry is of a frame that was counted")
        guard header.kind == .batches else { return }
        if let last = entries.last {
            invariant(
                header.byteOffset > last.byteOffset, "SegmentTally: frames are counted in order")
            if header.byteOffset - last.byteOffset < SparseEntry.spacing { return }
        }
        entries.append(
            SparseEntry(
                byteOffset: header.byteOffset, frameNumber: header.frameNumber,
                batchNumber: header.firstBatchNumber,
                position: header.firstPosition.advanced(
                    by: PlantedBug.indexEntryMisplaced.isPlanted ? 1 : 0),
                time: header.time))
    }
}
