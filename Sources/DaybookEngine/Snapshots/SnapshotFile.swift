import DaybookCore
import DaybookLog

/// What the files are called.
package enum SnapshotNames {
    package static let newest = "state.snapshot"
    package static let previous = "state.snapshot.previous"
    /// The newest first.
    package static let all = [newest, previous]
}

/// Keeps the newest snapshot of a store, and the one before it, in a file each.
///
/// The newest is written beside them and synced before it takes its name, so each file is whole or not
/// there. The older one is for a start that cannot use the newest: it has less to fold than the whole log.
struct SnapshotFile: Sendable {
    /// Opens the folder, for writing after making it unless it is there.
    private let folder: @Sendable (_ forWriting: Bool) throws(EventLogError) -> any Storage

    private static let name = SnapshotNames.newest
    private static let previousName = SnapshotNames.previous
    private static let partialName = "state.snapshot.part"

    init(directory: String) {
        folder = { isForWriting throws(EventLogError) in
            try FileStorage(path: directory, readOnly: !isForWriting, creating: true)
        }
    }

    init(storage: any Storage) {
        folder = { _ in storage }
    }

    /// The newest intact snapshot for which `body` gives something; an older file is read only when a newer
    /// one gives nothing.
    func firstStored<Result>(_ body: (StoredSnapshot) -> Result?) -> Result? {
        for name in SnapshotNames.all {
            let stored = bytes(name).flatMap { StoredSnapshot($0, name: name) }
            if let result = stored.flatMap(body) { return result }
        }
        return nil
    }

    /// The newest intact snapshot.
    func readStored() -> StoredSnapshot? { firstStored { $0 } }

    /// Removes the newest, of which a start found that it cannot be used: the next one would push the one
    /// before, which can, out of its place.
    func dropNewest() {
        guard let folder = try? folder(true) else { return }
        try? folder.unlink(SnapshotFile.name)
    }

    private func bytes(_ name: String) -> [UInt8]? {
        // Unreadable means not there: the log is folded instead.
        guard let file = try? folder(false).open(name, .read) else { return nil }
        defer { file.close() }
        guard let count = try? file.byteCount() else { return nil }
        return try? file.bytes(at: 0, count: Int(clamping: count))
    }

    /// Writes the newest snapshot, durably; the one before becomes the older one.
    ///
    /// On an error or a crash at least one of those that were there is still there, under one of the two
    /// names.
    ///
    /// - Throws: `io`, `noSpace`, `readOnly`.
    func write(_ snapshot: Snapshot) throws(DaybookError) {
        do throws(EventLogError) {
            let folder = try folder(true)
            let last = try? folder.open(SnapshotFile.name, .read)
            defer { last?.close() }
            let byteCount = (try? last?.byteCount()) ?? 0
            let bytes = snapshot.encoded(byteCount: 1 << 16 + Int(clamping: byteCount) * 5 / 4)
            try write(bytes, in: folder)
            // Synced before it takes the place of the old one: a torn one would fail its hash, and a start
            // after a power cut would have nothing but the log.
            if last != nil { try folder.rename(SnapshotFile.name, to: SnapshotFile.previousName) }
            try folder.rename(SnapshotFile.partialName, to: SnapshotFile.name)
            try folder.syncDirectory(folder: nil)
        } catch {
            throw DaybookError(log: error)
        }
    }

    private func write(_ bytes: [UInt8], in folder: any Storage) throws(EventLogError) {
        do throws(EventLogError) {
            let file = try folder.open(SnapshotFile.partialName, .replace)
            defer { file.close() }
            try file.writeAll(bytes, at: 0)
            try file.syncAll()
        } catch {
            // Half a snapshot must not take the last space from the log.
            try? folder.unlink(SnapshotFile.partialName)
            throw error
        }
    }
}
