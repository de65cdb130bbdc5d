internal import DaybookCore

/// How segments begin and end on disk: the two halves of a rotation.
///
/// Format: Schemas/log/FORMAT.md, Duties of the writer. Every call is a point at which a crash may
/// come.
struct SegmentWriting {
    let storage: any Storage
    let hash: HashFunction
    let logID: LogID
    let salt: Digest
    /// Note payload for the first frame of every segment; empty: none.
    let note: [UInt8]

    /// The note frame's payload for a schema.
    static func note(schema: [UInt8]) -> [UInt8] {
        guard !schema.isEmpty else { return [] }
        var writer = WireWriter(capacity: schema.count + 8)
        writer.field(1, bytes: schema)
        return writer.bytes
    }

    /// The length of a segment in which a frame of this size surely fits.
    func byteCount(preferred: UInt64, frameByteCount: UInt64) -> UInt64 {
        let noteBound = UInt64(note.count + FrameHeader.byteCount + 8)
        let need = UInt64(SegmentHeader.byteCount) + noteBound + frameByteCount
        var byteCount = preferred
        while need > byteCount - Seal.reservedByteCount(inSegmentOf: byteCount) { byteCount *= 2 }
        invariant(
            byteCount >= preferred, "SegmentWriting: a segment is no shorter than it should be")
        invariant(byteCount % 4096 == 0, "SegmentWriting: a reader would refuse parts of a page")
        return byteCount
    }

    /// Header and note into the spare file -> fdatasync -> rename -> fsync directory.
    func begin(
        after tail: SealedTail, in file: any StorageFile, byteCount: UInt64, at clock: Instant,
        assembler: FrameAssembler
    ) throws(EventLogError) -> ActiveSegment {
        let number = tail.number + 1
        invariant(
            tail.expectation.byteOffset == UInt64(SegmentHeader.byteCount),
            "SegmentWriting: the first frame stands behind the header")
        invariant(
            byteCount > Seal.reservedByteCount(inSegmentOf: byteCount)
                + UInt64(SegmentHeader.byteCount),
            "SegmentWriting: a segment takes more than its header and its seal")
        let header = SegmentHeader(
            logID: logID, number: number, firstFrameNumber: tail.expectation.frameNumber,
            firstBatchNumber: tail.expectation.batchNumber,
            firstPosition: tail.expectation.position, createdAt: max(clock, tail.expectation.time),
            writerEpoch: assembler.writerEpoch, byteCount: byteCount, chain: tail.expectation.chain,
            previousSeal: PlantedBug.sealsNotLinked.isPlanted ? .zero : tail.sealDigest,
            salt: salt)
        invariant(
            (number == 1) == (tail.expectation.frameNumber == 1),
            "SegmentWriting: a sealed segment has at least its seal")
        let headerBytes = header.encoded
        var assembler = assembler
        assembler.segmentTag = hash.segmentTag(salt: salt, segment: number)
        var expectation = tail.expectation
        if PlantedBug.chainNotContinued.isPlanted, number > 1 {
            expectation.chain = hash.genesisChain(of: logID)
        }
        var tally = headerBytes.withUnsafeBytes { SegmentTally(segmentHeader: $0, hash: hash) }
        let buffer = GrowingBuffer(capacity: 1 << 14)
        headerBytes.withUnsafeBytes { buffer.extend(by: $0.count).copy($0, at: 0) }
        if !note.isEmpty {
            note.withUnsafeBytes { note in
                let appended = assembler.append(
                    .init(kind: .note), assembler.payload(note, kind: .note),
                    following: &expectation, at: clock,
                    durableOffset: UInt64(SegmentHeader.byteCount), to: buffer)
                tally.add(appended.header, bytes: appended.bytes, hash: hash)
            }
        }
        invariant(
            UInt64(buffer.count) == expectation.byteOffset,
            "SegmentWriting: the header and the note are all that is written")
        invariant(
            expectation.byteOffset <= byteCount - Seal.reservedByteCount(inSegmentOf: byteCount),
            "SegmentWriting: header and note leave room for the seal")
        try file.writeAll(buffer.used, at: 0)
        if !PlantedBug.renameBeforeHeaderSync.isPlanted { try file.sync() }
        try storage.rename(LogFileName.spare, to: LogFileName.segment(number))
        if !PlantedBug.noDirectorySyncAfterRename.isPlanted {
            try storage.syncDirectory(folder: nil)
        }
        let renamed = try storage.open(LogFileName.segment(number), .update)
        return ActiveSegment(
            file: renamed, header: header, headerBytes: headerBytes,
            segmentTag: assembler.segmentTag, expectation: expectation, durable: expectation,
            tally: tally, frontier: tail.frontier, lastNote: note.isEmpty ? nil : note)
    }

    /// Seal and trailer -> fdatasync -> truncate -> fsync -> read-only.
    ///
    /// The first sync comes on top of LOG.md 2.6: without it a file system may make the new length
    /// durable before the seal, which would look like a cut file.
    func seal(_ active: ActiveSegment, at clock: Instant, assembler: FrameAssembler)
        throws(EventLogError) -> SealedTail
    {
        invariant(
            active.durable == active.expectation,
            "SegmentWriting: a segment is sealed when all of it is durable")
        invariant(
            active.tally.frameCount
                == active.durable.frameNumber - active.header.firstFrameNumber,
            "SegmentWriting: every frame was counted")
        invariant(
            active.tally.batchCount
                == active.durable.batchNumber - active.header.firstBatchNumber,
            "SegmentWriting: every batch was counted")
        invariant(
            active.tally.eventCount
                == active.durable.position.rawValue - active.header.firstPosition.rawValue,
            "SegmentWriting: every event was counted")
        var expectation = active.durable
        let seal = Seal(
            headerCopy: active.headerBytes, tally: active.tally,
            nextFrameNumber: expectation.frameNumber + 1, nextBatchNumber: expectation.batchNumber,
            nextPosition: expectation.position, frontier: active.frontier,
            merkleRoot: active.frontier.root(hash: hash))
        seal.assertOwn()
        let buffer = GrowingBuffer(capacity: 1 << 14)
        let start = expectation.byteOffset
        seal.encoded.withUnsafeBytes { payload in
            _ = assembler.append(
                .init(kind: .seal), assembler.payload(payload, kind: .seal),
                following: &expectation, at: clock, durableOffset: start, to: buffer)
        }
        let trailer = SegmentTrailer(
            logID: logID, segmentNumber: active.header.number, sealOffset: start,
            sealByteCount: expectation.byteOffset - start)
        trailer.encode(into: buffer.extend(by: SegmentTrailer.byteCount))
        invariant(
            trailer.fileByteCount == start + UInt64(buffer.count),
            "SegmentWriting: the trailer ends the file")
        invariant(
            trailer.fileByteCount <= active.header.byteCount,
            "SegmentWriting: room for the seal is reserved")
        invariant(
            UInt64(buffer.count) <= Seal.reservedByteCount(inSegmentOf: active.header.byteCount),
            "SegmentWriting: a seal takes no more than is reserved")
        invariant(
            expectation.frameNumber == seal.nextFrameNumber,
            "SegmentWriting: the seal names the frame behind itself")
        if PlantedBug.readOnlyBeforeCut.isPlanted { try active.file.makeReadOnly() }
        try active.file.writeAll(buffer.used, at: start)
        if !PlantedBug.cutBeforeSealSync.isPlanted && !PlantedBug.sealNotSynced.isPlanted {
            try active.file.sync()
        }
        try active.file.truncate(to: trailer.fileByteCount)
        if !PlantedBug.sealNotSynced.isPlanted { try active.file.syncAll() }
        // Last: a file that is read-only but not cut yet could not be sealed again after a crash.
        try active.file.makeReadOnly()
        let digest = hash.sealDigest(of: buffer.used)
        invariant(
            expectation.batchNumber == active.durable.batchNumber
                && expectation.position == active.durable.position,
            "SegmentWriting: a seal takes no batch and no position")
        expectation.byteOffset = UInt64(SegmentHeader.byteCount)
        return SealedTail(
            number: active.header.number, sealDigest: digest, expectation: expectation,
            frontier: active.frontier, record: active.record(sealDigest: digest))
    }

    /// Makes the end of the last, sealed segment durable: a killed process, or a sync that failed, may
    /// have left its bytes and length in memory only, and the next segment's name must not become
    /// durable before them.
    func settleSeal(of segment: SegmentFile, _ sealed: SegmentFile.SealedEnd)
        throws(EventLogError)
    {
        if PlantedBug.settleSealSkipped.isPlanted { return }
        let file: any StorageFile
        do throws(EventLogError) {
            file = try storage.open(segment.file.name, .update)
        } catch {
            // Read-only comes last, so everything before it was synced.
            guard error.code == .permission else { throw error }
            return
        }
        let sealOffset = sealed.frame.byteOffset
        let end = try file.bytes(at: sealOffset, count: Int(segment.byteCount - sealOffset))
        guard end.withUnsafeBytes({ hash.sealDigest(of: $0) }) == sealed.digest else {
            throw EventLogError(
                .io, "the seal changed while it was read", file: file.name, byteOffset: sealOffset)
        }
        // Long again and cut again, so that the length is written even where memory calls it clean.
        invariant(
            sealOffset + UInt64(end.count) == segment.byteCount,
            "SegmentWriting: the whole end is written again")
        try file.truncate(to: segment.header.byteCount)
        try file.writeAll(end, at: sealOffset)
        try file.sync()
        try file.truncate(to: segment.byteCount)
        try file.syncAll()
        try file.makeReadOnly()
    }
}
