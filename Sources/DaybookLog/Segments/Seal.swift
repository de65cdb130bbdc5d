package import DaybookCore

/// The payload of a segment's last frame: everything that a reader needs to use the segment without
/// walking it, and a copy of its header.
///
/// Format: Schemas/log/FORMAT.md, Seal.
package struct Seal: Hashable, Sendable {
    /// The segment's header as it is in the file.
    package var headerCopy: [UInt8]
    package var tally: SegmentTally
    /// The numbers that the next segment begins with, its first frame being the one after the seal.
    package var nextFrameNumber: UInt64
    package var nextBatchNumber: UInt64
    package var nextPosition: LogPosition
    package var frontier: MerkleFrontier
    package var merkleRoot: Digest

    static let fixedByteCount = 4264

    /// The most that seal frame and trailer can take in a segment of this length; kept free.
    static func reservedByteCount(inSegmentOf byteCount: UInt64) -> UInt64 {
        let payload =
            fixedByteCount + 64 * Digest.byteCount
            + SparseEntry.maximumCount(inSegmentOf: byteCount) * SparseEntry.byteCount
        return UInt64(FrameHeader.byteCount + payload).roundedUp(to: 8)
            + UInt64(SegmentTrailer.byteCount)
    }
}

// MARK: - Encoding

extension Seal {
    var byteCount: Int {
        Seal.fixedByteCount + frontier.subtrees.count * Digest.byteCount
            + tally.entries.count * SparseEntry.byteCount
    }

    /// What holds of a seal that a writer makes; one that was read, or is rebuilt, may say anything.
    func assertOwn() {
        invariant(
            PlantedBug.compressedLeafSkipped.isPlanted || frontier.size == nextBatchNumber - 1,
            "Seal: one leaf a batch")
        invariant(
            tally.eventCount >= tally.batchCount, "Seal: a batch has at least one event")
        invariant(
            tally.batchCount < nextBatchNumber, "Seal: a segment's batches are numbered in the log")
        invariant(
            tally.eventCount < nextPosition.rawValue,
            "Seal: a segment's events have positions in the log")
    }

    package var encoded: [UInt8] {
        invariant(byteCount % 8 == 0, "Seal: nothing pads it")
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            encode(into: UnsafeMutableRawBufferPointer(buffer))
            count = byteCount
        }
    }

    private func encode(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(bytes.count == byteCount, "Seal: no room for the seal")
        invariant(
            headerCopy.count == SegmentHeader.byteCount, "Seal: the copy is the whole header")
        headerCopy.withUnsafeBytes { bytes.copy($0, at: 0) }
        bytes.store(tally.frameCount, at: 4096)
        bytes.store(tally.batchCount, at: 4104)
        bytes.store(tally.eventCount, at: 4112)
        bytes.store(tally.rawByteCount, at: 4120)
        bytes.store(tally.storedByteCount, at: 4128)
        bytes.store(tally.firstTime ?? Instant(microseconds: 0), at: 4136)
        bytes.store(tally.lastTime ?? Instant(microseconds: 0), at: 4144)
        bytes.store(nextFrameNumber, at: 4152)
        bytes.store(nextBatchNumber, at: 4160)
        bytes.store(nextPosition.rawValue, at: 4168)
        bytes.store(frontier.size, at: 4176)
        bytes.store(merkleRoot, at: 4184)
        bytes.store(tally.headerDigest, at: 4216)
        bytes.store(UInt64(0), at: 4248)
        bytes.store(UInt32(frontier.subtrees.count), at: 4256)
        bytes.store(UInt32(tally.entries.count), at: 4260)
        var offset = Seal.fixedByteCount
        for subtree in frontier.subtrees {
            bytes.store(subtree, at: offset)
            offset += Digest.byteCount
        }
        for entry in tally.entries {
            bytes.store(entry.byteOffset, at: offset)
            bytes.store(entry.frameNumber, at: offset + 8)
            bytes.store(entry.batchNumber, at: offset + 16)
            bytes.store(entry.position.rawValue, at: offset + 24)
            bytes.store(entry.time, at: offset + 32)
            offset += SparseEntry.byteCount
        }
        invariant(offset == byteCount, "Seal: all of it was written")
    }

    /// Reads a seal's payload.
    ///
    /// - Throws: `.content` when lengths or counts contradict each other.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(FrameDefect) {
        guard bytes.count >= Seal.fixedByteCount else { throw .content("seal too short") }
        let subtreeCount = Int(bytes.uint32(at: 4256))
        let entryCount = Int(bytes.uint32(at: 4260))
        let size = bytes.uint64(at: 4176)
        guard subtreeCount == size.nonzeroBitCount,
            entryCount
                <= SparseEntry.maximumCount(
                    inSegmentOf: UInt64(EventLogLimits.largestSegmentByteCount)),
            bytes.count == Seal.fixedByteCount + subtreeCount * Digest.byteCount
                + entryCount * SparseEntry.byteCount,
            bytes.uint64(at: 4248) == 0
        else { throw .content("seal counts") }
        var offset = Seal.fixedByteCount
        var subtrees: [Digest] = []
        for _ in 0..<subtreeCount {
            subtrees.append(bytes.digest(at: offset))
            offset += Digest.byteCount
        }
        let frontier = established(
            MerkleFrontier(size: size, subtrees: subtrees), "Seal: the subtrees were counted")
        try Seal.checkPlausible(bytes)
        let entries = try Seal.entries(bytes, from: offset, count: entryCount)
        self.frontier = frontier
        headerCopy = Array(bytes.slice(0, SegmentHeader.byteCount))
        merkleRoot = bytes.digest(at: 4184)
        nextFrameNumber = bytes.uint64(at: 4152)
        nextBatchNumber = bytes.uint64(at: 4160)
        nextPosition = LogPosition(rawValue: bytes.uint64(at: 4168))
        invariant(bytes.count % 8 == 0, "Seal: nothing pads it")
        invariant(
            frontier.size + 1 == nextBatchNumber, "Seal: one leaf a batch")
        let frameCount = bytes.uint64(at: 4096)
        tally = SegmentTally(
            frameCount: frameCount, batchCount: bytes.uint64(at: 4104),
            eventCount: bytes.uint64(at: 4112), rawByteCount: bytes.uint64(at: 4120),
            storedByteCount: bytes.uint64(at: 4128),
            firstTime: frameCount == 0 ? nil : bytes.instant(at: 4136),
            lastTime: frameCount == 0 ? nil : bytes.instant(at: 4144), entries: entries,
            headerDigest: bytes.digest(at: 4216))
    }

    /// Sums may not leave 64 bits, so that a forged seal cannot make a reader trap.
    private static func checkPlausible(_ bytes: UnsafeRawBufferPointer) throws(FrameDefect) {
        // Frames, batches, events, raw and stored bytes: a segment of 1 GiB has fewer of each.
        for offset in stride(from: 4096, through: 4128, by: 8) {
            guard bytes.uint64(at: offset) < 1 << 40 else { throw .content("seal statistics") }
        }
        // The next frame's, batch's and event's.
        for offset in stride(from: 4152, through: 4168, by: 8) {
            let number = bytes.uint64(at: offset)
            guard number >= 1, number < 1 << 62 else { throw .content("seal numbers") }
        }
        guard bytes.uint64(at: 4176) == bytes.uint64(at: 4160) - 1 else {
            throw .content("seal frontier")
        }
    }

    private static func entries(_ bytes: UnsafeRawBufferPointer, from start: Int, count: Int)
        throws(FrameDefect) -> [SparseEntry]
    {
        var offset = start
        var entries: [SparseEntry] = []
        for _ in 0..<count {
            let entry = SparseEntry(
                byteOffset: bytes.uint64(at: offset), frameNumber: bytes.uint64(at: offset + 8),
                batchNumber: bytes.uint64(at: offset + 16),
                position: LogPosition(rawValue: bytes.uint64(at: offset + 24)),
                time: bytes.instant(at: offset + 32))
            if let last = entries.last {
                guard entry.byteOffset > last.byteOffset, entry.position > last.position else {
                    throw .content("sparse index out of sequence")
                }
            }
            entries.append(entry)
            offset += SparseEntry.byteCount
        }
        return entries
    }
}
