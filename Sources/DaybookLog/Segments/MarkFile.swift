internal import DaybookCore

/// The file `MARK`: two slots, written alternately.
///
/// A slot that is the only durable one is never overwritten: as long as the newest slot is not
/// synced, newer marks go over it, and only after a sync over the other one. So a power cut that
/// tears a slot leaves the one before it.
final class MarkFile {
    private let file: any StorageFile
    /// The newest generation that was written, and whether it is durable.
    private(set) var generation: UInt64
    private(set) var isSynced: Bool
    /// No later sync of this descriptor says anything.
    private(set) var hasSyncFailed = false
    private let bytes = GrowingBuffer(capacity: 8192)

    static let byteCount = 8192
    static let slotOffsets: [UInt64] = [0, 4096]

    /// Both slots as they were found.
    struct Content {
        var slots: [CommitMark.Slot]
        /// Whether anything but the two slots is in the file, it is longer, or some of it is missing.
        var hasStrayBytes: Bool
        /// The whole file; empty when some of it is missing.
        var bytes: [UInt8] = []

        /// The newest valid mark.
        var newest: CommitMark? {
            slots.compactMap(\.mark).max { $0.generation < $1.generation }
        }
    }

    init(file: any StorageFile, newest: CommitMark?) {
        self.file = file
        generation = newest?.generation ?? 0
        isSynced = newest == nil
    }

    static func content(of file: any StorageFile) throws(EventLogError) -> Content {
        // One more, so that a longer file shows.
        let bytes = try file.bytes(at: 0, count: byteCount + 1)
        guard bytes.count >= byteCount else {
            return Content(slots: [.damaged, .damaged], hasStrayBytes: true)
        }
        var content = bytes.withUnsafeBytes { bytes in
            let end = CommitMark.byteCount
            return Content(
                slots: slots(in: bytes),
                hasStrayBytes: bytes.count > byteCount || !bytes.slice(end, 4096 - end).isZero
                    || !bytes.slice(4096 + end, 4096 - end).isZero)
        }
        content.bytes = bytes
        return content
    }

    private static func slots(in bytes: UnsafeRawBufferPointer) -> [CommitMark.Slot] {
        slotOffsets.enumerated().map { number, offset in
            CommitMark.slot(
                decoding: bytes.slice(Int(offset), CommitMark.byteCount), parity: UInt64(number))
        }
    }

    /// Creates the file with one synced mark in it.
    static func create(in storage: any Storage, _ mark: CommitMark) throws(EventLogError)
        -> MarkFile
    {
        let file = try storage.open(LogFileName.mark, .replace)
        try file.allocate(UInt64(byteCount))
        try file.zeroFill(0..<UInt64(byteCount))
        try file.syncAll()
        let marks = MarkFile(file: file, newest: nil)
        try marks.write(mark)
        try marks.sync()
        return marks
    }

    /// Writes a mark; durable after the next `sync`.
    func write(_ mark: CommitMark) throws(EventLogError) {
        let staysInSlot = !isSynced || PlantedBug.oneMarkSlot.isPlanted
        let next = generation + (staysInSlot ? 2 : 1)
        var mark = mark
        mark.generation = next
        invariant(mark.isPlausible, "MarkFile: a reader would refuse the mark")
        invariant(next > generation, "MarkFile: a newer mark has a higher generation")
        invariant(
            !hasSyncFailed || mark.flags.contains(.poisoned),
            "MarkFile: behind a failed sync a mark says so")
        invariant(
            isSynced || next & 1 == generation & 1,
            "MarkFile: the durable slot stays until the newer one is durable")
        let slot = bytes.scratch(CommitMark.byteCount)
        mark.encode(into: slot)
        isSynced = false
        generation = next
        try file.writeAll(bytes.used, at: MarkFile.slotOffsets[Int(next & 1)])
    }

    /// Writes the newest mark once more where it stands and syncs it: an earlier sync may have failed
    /// and left its page marked clean, and the other slot, the only durable one, is overwritten next.
    func settle(_ mark: CommitMark) throws(EventLogError) {
        invariant(
            mark.generation == generation, "MarkFile: what is settled is the newest mark")
        let slot = bytes.scratch(CommitMark.byteCount)
        mark.encode(into: slot)
        try file.writeAll(bytes.used, at: MarkFile.slotOffsets[Int(mark.generation & 1)])
        try sync()
    }

    func sync() throws(EventLogError) {
        invariant(!hasSyncFailed, "MarkFile: a sync that failed is not tried again")
        do throws(EventLogError) {
            try file.sync()
        } catch {
            hasSyncFailed = true
            throw error
        }
        isSynced = true
    }

    /// The highest epoch in the file: another writer's when it is not ours. One `pread` of what the slots
    /// take: every group begins with it.
    func newestEpoch() throws(EventLogError) -> UInt32 {
        let end = Int(MarkFile.slotOffsets[1]) + CommitMark.byteCount
        let bytes = try file.bytes(at: 0, count: end)
        guard bytes.count == end else { return 0 }
        return bytes.withUnsafeBytes { bytes in
            MarkFile.slots(in: bytes).compactMap(\.mark).map(\.writerEpoch).max() ?? 0
        }
    }
}
