internal import DaybookCore

/// The next segment's file, prepared piece by piece while the active one fills: allocated,
/// zero-filled, synced. Appending into written blocks is two to four times faster than growing a
/// file, and a short file shows as damage.
///
/// Confined to its owner; every step is a plain call, so a simulation stays deterministic.
final class SpareSegment {
    private let storage: any Storage
    private var file: (any StorageFile)?
    private(set) var byteCount: UInt64 = 0
    private var filledByteCount: UInt64 = 0
    private var syncedByteCount: UInt64 = 0

    /// Zeros are synced in pieces, so that no commit waits behind all of them.
    private static let syncSpacing: UInt64 = 8 << 20

    init(storage: any Storage) {
        self.storage = storage
    }

    var isBegun: Bool { file != nil }
    var isReady: Bool { file != nil && syncedByteCount == byteCount }

    /// Creates the file and reserves its space.
    ///
    /// - Throws: `.noSpace`; then nothing is left behind.
    func begin(byteCount: UInt64) throws(EventLogError) {
        invariant(byteCount > 0, "SpareSegment: a segment has a length")
        discardFile()
        let created = try storage.open(LogFileName.spare, .replace)
        file = created
        self.byteCount = byteCount
        filledByteCount = 0
        syncedByteCount = 0
        do throws(EventLogError) {
            try created.allocate(byteCount)
        } catch {
            try discard()
            throw error
        }
    }

    /// Fills in at most `limit` more bytes; syncs now and then and at the end.
    func step(limit: UInt64) throws(EventLogError) {
        guard let file, !isReady else { return }
        let end = min(byteCount, filledByteCount + limit)
        invariant(
            syncedByteCount <= filledByteCount, "SpareSegment: only what was written was synced")
        invariant(filledByteCount <= end, "SpareSegment: it is filled in once")
        do throws(EventLogError) {
            try file.zeroFill(filledByteCount..<end)
            filledByteCount = end
            invariant(end <= byteCount, "SpareSegment: nothing is written behind its end")
            if end == byteCount {
                if !PlantedBug.spareNotSynced.isPlanted { try file.syncAll() }
                syncedByteCount = end
            } else if end - syncedByteCount >= SpareSegment.syncSpacing {
                try file.sync()
                syncedByteCount = end
            }
        } catch {
            try discard()
            throw error
        }
    }

    /// Prepares all of it now, unless a spare that is long enough is ready.
    func ensure(byteCount wanted: UInt64) throws(EventLogError) {
        if file == nil || byteCount < wanted { try begin(byteCount: wanted) }
        try step(limit: .max - filledByteCount)
        invariant(isReady, "SpareSegment: all of it is written and synced")
        invariant(byteCount >= wanted, "SpareSegment: it is as long as was asked for")
    }

    /// Hands the file over, which is ready.
    func take() -> any StorageFile {
        invariant(isReady, "SpareSegment: a segment begins in a file that is written and synced")
        let ready = established(file, "SpareSegment: what is ready is there")
        invariant(filledByteCount == byteCount, "SpareSegment: all that is synced was written")
        discardFile()
        return ready
    }

    /// Removes the file.
    func discard() throws(EventLogError) {
        guard file != nil else { return }
        discardFile()
        try storage.unlink(LogFileName.spare)
    }

    private func discardFile() {
        file?.close()
        file = nil
        byteCount = 0
        filledByteCount = 0
        syncedByteCount = 0
    }
}
