internal import DaybookCore

/// A decided repair, durable before anything takes a damaged file's place: the file `REPAIR`.
///
/// The corrected files and the copies of the originals are durable before it. From then on every
/// open for writing completes the repair: it renames the corrected files, fills the positions that
/// were given up, and records all of it in the log; only then the journal goes. Each step may be
/// interrupted and repeated.
///
/// Format: Schemas/log/FORMAT.md, Repair.
struct RepairJournal: Hashable {
    struct Swap: Hashable {
        /// The corrected file; empty when the damaged one only goes.
        var corrected: String
        var name: String
    }

    /// Where the log goes on behind positions that were given up.
    struct LossEnd: Hashable {
        var nextPosition: LogPosition
        var nextBatchNumber: UInt64
    }

    var swaps: [Swap] = []
    var note = LogNote()
    var lossEnd: LossEnd?

    private static let magic = Array("DBKREPR1".utf8)
}

// MARK: - The file

extension RepairJournal {
    /// The pending journal; `nil` when there is none, which is nearly always.
    static func read(from storage: any Storage) throws(EventLogError) -> RepairJournal? {
        guard try storage.list().contains(LogFileName.repair) else { return nil }
        let file = try storage.open(LogFileName.repair, .read)
        let bytes = try file.bytes(at: 0, count: Int(try file.byteCount()))
        guard let journal = decode(bytes) else {
            throw EventLogError(
                DamageFinding(
                    kind: .corrupt, file: LogFileName.repair, segment: nil,
                    byteRange: 0..<UInt64(bytes.count), evidence: "repair-journal-checksum"))
        }
        return journal
    }

    /// Makes the decision durable.
    func write(to storage: any Storage) throws(EventLogError) {
        let file = try storage.open(LogFileName.repairDraft, .replace)
        try file.writeAll(encoded, at: 0)
        try file.syncAll()
        try storage.rename(LogFileName.repairDraft, to: LogFileName.repair)
        try storage.syncDirectory(folder: nil)
    }

    private var encoded: [UInt8] {
        var writer = WireWriter(capacity: 1024)
        writer.append(text: "DBKREPR1")
        for swap in swaps {
            writer.field(1) { writer in
                writer.field(1, text: swap.corrected)
                writer.field(2, text: swap.name)
            }
        }
        writer.field(2, bytes: note.encoded)
        if let lossEnd {
            writer.field(3, varint: lossEnd.nextPosition.rawValue)
            writer.field(4, varint: lossEnd.nextBatchNumber)
        }
        let checksum = writer.withUnsafeBytes { Checksum.crc32c($0) }
        return writer.bytes + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    }

    private static func decode(_ bytes: [UInt8]) -> RepairJournal? {
        bytes.withUnsafeBytes { bytes in
            let end = bytes.count - 4
            guard end >= magic.count, bytes.starts(with: magic),
                bytes.uint32(at: end) == Checksum.crc32c(bytes.slice(0, end))
            else { return nil }
            do throws(WireError) {
                return try RepairJournal(decoding: bytes.slice(8, end - 8))
            } catch {
                return nil
            }
        }
    }

    private init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        var (position, batch) = (UInt64(0), UInt64(0))
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1:
                var inner = try reader.message(tag)
                var swap = Swap(corrected: "", name: "")
                while let tag = try inner.nextTag() {
                    switch tag.field {
                    case 1: swap.corrected = try inner.text(tag)
                    case 2: swap.name = try inner.text(tag)
                    default: try inner.skip(tag)
                    }
                }
                swaps.append(swap)
            case 2: note = try LogNote(decoding: try reader.delimited(tag))
            case 3: position = try reader.varint(tag)
            case 4: batch = try reader.varint(tag)
            default: try reader.skip(tag)
            }
        }
        guard position > 0, batch > 0 else { return }
        lossEnd = LossEnd(
            nextPosition: LogPosition(rawValue: position), nextBatchNumber: batch)
    }
}

// MARK: - Completing it

extension RepairJournal {
    /// Puts the corrected files into place. A corrected file that is gone was renamed before.
    func finishSwaps(in storage: any Storage) throws(EventLogError) {
        guard !swaps.isEmpty else { return }
        // The journal's own name first: a corrected file must not become durable without its record.
        try storage.syncDirectory(folder: nil)
        let names = try storage.list()
        for swap in swaps {
            if swap.corrected.isEmpty {
                if names.contains(swap.name) { try storage.unlink(swap.name) }
            } else if names.contains(swap.corrected) {
                try storage.rename(swap.corrected, to: swap.name)
            }
        }
        try storage.syncDirectory(folder: nil)
        // Never twice: from now on these names may mean new files.
        var rest = self
        rest.swaps = []
        try rest.write(to: storage)
    }

    /// Fills the positions that were given up, records the repair in the log, and forgets the
    /// journal.
    ///
    /// - Parameter lastRecord: the newest record in the log: equal when an earlier attempt came as
    ///   far as that.
    func record(in log: OpenedLog, lastRecord: [UInt8]?, storage: any Storage)
        throws(EventLogError)
    {
        let payload = note.encoded
        if lastRecord != payload {
            if let lossEnd {
                try LostPositions(end: lossEnd, note: note).fill(log)
            }
            try log.committer.record(note: payload)
        }
        try storage.unlink(LogFileName.repair)
        try storage.syncDirectory(folder: nil)
    }
}
