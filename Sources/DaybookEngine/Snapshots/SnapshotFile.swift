import DaybookCore
import DaybookLog

/// What the files are called.
package enum SnapshotNames {
    package static let newest = "state.snapshot"
    package static let previous = "state.snapshot.previous"
    /// The newest first.
    package static let all = [newest, previous]

    /// Whether a file beside them is a run of idempotency keys that they name.
    package static func isKeyRun(_ name: String) -> Bool { KeyRunIdentity.isFileName(name) }
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

    /// From so many idempotency keys on, they are put away in a run instead of into each snapshot.
    let keysPerRun: Int
    static let defaultKeysPerRun = 8_192
    /// Runs of so many times as many keys are merged behind a snapshot, not before it: it would come seconds
    /// later, and a process that is killed again and again would never write one.
    private static let longRunFactor = 16

    init(directory: String, keysPerRun: Int = SnapshotFile.defaultKeysPerRun) {
        self.keysPerRun = keysPerRun
        folder = { isForWriting throws(EventLogError) in
            try FileStorage(path: directory, readOnly: !isForWriting, creating: true)
        }
    }

    init(storage: any Storage, keysPerRun: Int = SnapshotFile.defaultKeysPerRun) {
        self.keysPerRun = keysPerRun
        folder = { _ in storage }
    }

    /// The newest intact snapshot for which `body` gives something; an older file is read only when a newer
    /// one gives nothing.
    func firstStored<Result>(_ body: (StoredSnapshot) -> Result?) -> Result? {
        for name in SnapshotNames.all {
            let stored = bytes(name).flatMap {
                StoredSnapshot($0, name: name, in: try? folder(false))
            }
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

    private func bytes(_ name: String, atMost limit: Int = .max) -> [UInt8]? {
        // Unreadable means not there: the log is folded instead.
        guard let file = try? folder(false).open(name, .read) else { return nil }
        defer { file.close() }
        guard let count = try? file.byteCount() else { return nil }
        return try? file.bytes(at: 0, count: min(Int(clamping: count), limit))
    }

    /// Writes the newest snapshot, durably; the one before becomes the older one.
    ///
    /// Keys that are many go into a run first. On an error or a crash at least one of those that were there
    /// is still there, under one of the two names, with its runs.
    ///
    /// - Parameter tell: told what became of the keys, if anything did.
    /// - Returns: the runs that it names.
    /// - Throws: `io`, `noSpace`, `readOnly`; `damaged` for a run that was to be merged.
    @discardableResult
    func write(
        _ snapshot: Snapshot, tell: (KeyNews) -> Void = { _ in }
    ) throws(DaybookError) -> KeyRuns {
        let folder = try folderForWriting()
        var snapshot = snapshot
        snapshot.state.keys.part(atLeast: keysPerRun)
        let putAway: KeysPutAway?
        do throws(KeyRunFailure) {
            putAway = try snapshot.state.keys.puttingAway(
                through: snapshot.position, of: snapshot.logID, in: folder,
                mergingBelow: UInt64(keysPerRun * SnapshotFile.longRunFactor))
        } catch {
            throw told(error, tell)
        }
        if let putAway { snapshot.state.keys.adopt(putAway) }
        do throws(DaybookError) {
            try write(snapshot, in: folder)
        } catch {
            // Nobody names it.
            if let putAway { removeRuns(putAway.added, in: folder) }
            throw error
        }
        if let putAway { tell(.putAway(putAway)) }
        removeUnnamedRuns(snapshot, in: folder)
        return snapshot.state.keys.runs
    }

    /// Merges the runs of the newest snapshot that have become too short for those behind them. The next
    /// snapshot names the result; until then those that it replaces stay.
    ///
    /// - Parameter tell: told when runs were merged, or are damaged.
    /// - Throws: as ``write(_:tell:)``.
    func merge(
        _ runs: KeyRuns, of logID: LogID, tell: (KeyNews) -> Void
    ) throws(DaybookError) {
        let folder = try folderForWriting()
        do throws(KeyRunFailure) {
            guard let merged = try runs.merged(of: logID, in: folder) else { return }
            tell(.putAway(KeysPutAway(before: runs.identities, runs: merged, partCount: 0)))
        } catch {
            throw told(error, tell)
        }
    }

    private func folderForWriting() throws(DaybookError) -> any Storage {
        do throws(EventLogError) { return try folder(true) } catch {
            throw DaybookError(log: error)
        }
    }

    private func told(_ failure: KeyRunFailure, _ tell: (KeyNews) -> Void) -> DaybookError {
        switch failure {
        case .damaged(let defect):
            tell(.damaged(defect))
            return DaybookError(.damaged, "\(defect); they are read from the log again")
        case .unwritten(let error): return DaybookError(log: error)
        }
    }

    private func removeRuns(_ names: some Sequence<String>, in folder: any Storage) {
        for name in names { try? folder.unlink(name) }
    }

    /// Removes the runs that neither of the two snapshots names.
    private func removeUnnamedRuns(_ newest: Snapshot, in folder: any Storage) {
        guard let all = try? folder.list() else { return }
        let runs = all.filter(KeyRunIdentity.isFileName)
        guard !runs.isEmpty else { return }
        var named = Set(newest.state.keys.runs.identities.map(\.fileName))
        if all.contains(SnapshotFile.previousName) {
            guard let head = bytes(SnapshotFile.previousName, atMost: Snapshot.headByteCount) else {
                return
            }
            named.formUnion(Snapshot.runFileNames(inHead: head))
        }
        removeRuns(runs.filter { !named.contains($0) }, in: folder)
    }

    private func write(_ snapshot: Snapshot, in folder: any Storage) throws(DaybookError) {
        do throws(EventLogError) {
            let last = try? folder.open(SnapshotFile.name, .read)
            defer { last?.close() }
            try writePartial(snapshot, in: folder)
            // Synced before it takes the place of the old one: a torn one would fail its hash, and a start
            // after a power cut would have nothing but the log.
            if last != nil { try folder.rename(SnapshotFile.name, to: SnapshotFile.previousName) }
            try folder.rename(SnapshotFile.partialName, to: SnapshotFile.name)
            try folder.syncDirectory(folder: nil)
        } catch {
            throw DaybookError(log: error)
        }
    }

    private func writePartial(
        _ snapshot: Snapshot, in folder: any Storage
    ) throws(EventLogError) {
        do throws(EventLogError) {
            let file = try folder.open(SnapshotFile.partialName, .replace)
            defer { file.close() }
            var offset: UInt64 = 0
            try snapshot.encode { bytes throws(EventLogError) in
                try file.writeAll(bytes, at: offset)
                offset += UInt64(bytes.count)
            }
            try file.syncAll()
        } catch {
            // Half a snapshot must not take the last space from the log.
            try? folder.unlink(SnapshotFile.partialName)
            throw error
        }
    }
}
