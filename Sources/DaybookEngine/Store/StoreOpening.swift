import DaybookCore
import DaybookDecisions
package import DaybookLog
import DaybookProjections
import DaybookVault
import Foundation
import Synchronization

/// The newest intact snapshot and, unless its bytes are another version's, what it holds.
private struct FoundSnapshot: Sendable {
    var stored: StoredSnapshot
    var decoded: Snapshot?
}

/// What opening a store for writing gives: the parts, before any thread runs.
struct OpenedStore {
    var log: OpenedLog
    var vault: Vault
    var models: ReadModelSet
    var state: EngineState
    var snapshotPosition: LogPosition { report.snapshotPosition }
    /// What it took, and from where the state was folded.
    var report: StartReport

    /// Lock, recover, check the read models against the log, fold the state.
    static func open(
        _ configuration: DaybookConfiguration, board: PositionBoard
    ) throws(DaybookError) -> OpenedStore {
        let store = configuration.store
        var report = StartReport()
        var stopwatch = Stopwatch()
        var (files, read) = try found(in: configuration)
        // Read and hashed once.
        let stored = read?.stored
        var decoded = read?.decoded
        // Only one may hold what is folded on.
        read = nil
        report.finding = stopwatch.lap()
        let log = try openLog(configuration, files, stored)
        report.recovery = stopwatch.lap()
        do throws(DaybookError) {
            let vault: Vault
            do throws(VaultError) {
                vault = try Vault.open(
                    in: store.path, logID: log.reader.logID, options: configuration.vaultOptions)
            } catch {
                throw DaybookError(vault: error)
            }
            // One that the log disowns does not keep the one before it from being used.
            var snapshot =
                log.reader.isOfItsHistory(stored) ? decoded.take() : nil
            var usedName = snapshot == nil ? nil : stored?.name
            if snapshot == nil, stored != nil {
                snapshot = configuration.snapshotFile.firstStored { stored in
                    guard log.reader.isOfItsHistory(stored) else { return nil }
                    usedName = stored.name
                    return stored.decoded()
                }
            }
            if snapshot == nil || usedName != SnapshotNames.newest {
                configuration.snapshotFile.dropNewest()
            }
            report.snapshot = stopwatch.lap()
            try log.reader.requireKnownEvents(after: snapshot?.position ?? .start)
            let models = try ReadModelSet.open(
                in: store, files: files, reader: log.reader,
                policy: try configuration.loadedSettings().checkpointPolicy, board: board,
                isParallel: configuration.host.isParallel)
            report.readModels += stopwatch.lap()
            report.snapshotPosition = snapshot?.position ?? .start
            report.keyRunCount = snapshot?.state.keys.runs.runs.count ?? 0
            let state = try EngineState.fold(
                log.reader, onto: snapshot.take(), isParallel: configuration.host.isParallel)
            report.folding = stopwatch.lap()
            report.foldedEventCount =
                log.reader.head.position.rawValue - report.snapshotPosition.rawValue
            return OpenedStore(
                log: log, vault: vault, models: models, state: state, report: report)
        } catch {
            // The first error is the one to tell; the log is intact either way.
            try? log.committer.close()
            throw error
        }
    }

    /// Looks at what is there besides the log. The read models and the snapshot have nothing to do with each
    /// other, and after a kill each takes long: SQLite reads its write-ahead logs, we read and decode the
    /// snapshot. What the log disowns is decoded in vain; that is rare.
    private static func found(
        in configuration: DaybookConfiguration
    ) throws(DaybookError) -> (files: [ReadModelFile], snapshot: FoundSnapshot?) {
        let files = Mutex<[ReadModelName: Confined<ReadModelFile>]>([:])
        let snapshot = Mutex<FoundSnapshot?>(nil)
        let store = configuration.store
        var tasks = ReadModelName.allCases.map { name in
            Confined { @Sendable in
                guard let file = openReadModel(name, in: store) else { return }
                let found = Confined(file)
                files.withLock { $0[name] = found }
            }
        }
        tasks.append(
            Confined { @Sendable in
                guard let stored = configuration.snapshotFile.readStored() else { return }
                let found = FoundSnapshot(stored: stored, decoded: stored.decoded())
                snapshot.withLock { $0 = found }
            })
        do {
            try tasks.forEachConfined(inParallel: configuration.host.isParallel) { $0() }
        } catch {
            throw DaybookError(reading: error)
        }
        let found = files.withLock { files in ReadModelName.allCases.compactMap { files[$0]?.value }
        }
        return (found, snapshot.withLock { $0.take() })
    }

    /// The read models that can be opened at all.
    static func openReadModels(_ store: StoreDirectory) -> [ReadModelFile] {
        ReadModelName.allCases.compactMap { openReadModel($0, in: store) }
    }

    private static func openReadModel(
        _ name: ReadModelName, in store: StoreDirectory
    ) -> ReadModelFile? {
        try? ReadModelFile.open(name, at: store.path(of: name))
    }

    private static func openLog(
        _ configuration: DaybookConfiguration, _ files: [ReadModelFile],
        _ snapshot: StoredSnapshot?
    ) throws(DaybookError) -> OpenedLog {
        let store = configuration.store
        guard configuration.logStorage != nil || FileManager.default.fileExists(atPath: store.log)
        else {
            throw DaybookError(
                .storeNotFound, "there is no Daybook store in \(store.path); make one with init")
        }
        do throws(EventLogError) {
            let storage = try configuration.openLogStorage()
            return try LogDirectory.open(
                storage: storage, options: configuration.logOptions, hash: .sha256,
                clock: configuration.clock,
                evidence: try configuration.recoveryEvidence(files, snapshot, on: storage))
        } catch {
            throw DaybookError(log: error)
        }
    }
}

extension StoreDirectory {
    /// What the store's read models and snapshot know about its log.
    package func recoveryEvidence(on storage: FileStorage) throws(EventLogError)
        -> [RecoveryEvidence]
    {
        let files = OpenedStore.openReadModels(self)
        defer { for file in files { try? file.close() } }
        let configuration = DaybookConfiguration(directory: path)
        return try configuration.recoveryEvidence(
            files, configuration.snapshotFile.readStored(), on: storage)
    }
}

extension DaybookConfiguration {
    /// What read models and snapshot know about the log: a log that ends before one of them has lost
    /// acknowledged events, and recovery must not take that for a torn write (LOG.md, section 4).
    ///
    /// A file that cannot be read, or that belongs to another log, proves nothing and is judged later.
    func recoveryEvidence(
        _ files: [ReadModelFile], _ snapshot: StoredSnapshot?, on storage: any Storage
    ) throws(EventLogError) -> [RecoveryEvidence] {
        let logID = try LogDirectory.logID(in: storage)
        var evidence = files.compactMap { file -> RecoveryEvidence? in
            guard logID == nil || file.checkpoint.logID == logID else { return nil }
            return RecoveryEvidence(
                name: file.name.fileName, position: file.checkpoint.position,
                chain: file.checkpoint.chain)
        }
        if let snapshot, logID == nil || snapshot.logID == logID {
            evidence.append(
                RecoveryEvidence(
                    name: snapshot.name, position: snapshot.position, chain: snapshot.chain))
        }
        if PlantedBug.readModelAheadIgnored.isPlanted { return [] }
        return evidence.filter { $0.position > .start }
    }
}

extension LogReader {
    /// Whether a snapshot may stand for what is before it: not if it is of another log, of another history,
    /// or was folded from events that another chain of upcasters lifted.
    fileprivate func isOfItsHistory(_ snapshot: StoredSnapshot?) -> Bool {
        guard let snapshot, snapshot.logID == logID, snapshot.vocabulary == upcasters.digest,
            snapshot.position <= head.position
        else { return false }
        return (try? chain(at: snapshot.position)) == snapshot.chain
    }
}

extension EngineState {
    /// The state at the head: the snapshot and the tail of the log, else the whole log.
    static func fold(
        _ reader: LogReader, onto snapshot: consuming Snapshot?, isParallel: Bool
    ) throws(DaybookError) -> EngineState {
        let position = snapshot?.position ?? LogPosition.start
        var state = snapshot?.state ?? EngineState.initial
        // Whoever held it, too, would have everything copied that is folded on.
        snapshot = nil
        do {
            try reader.forEachFactBatch(
                from: position.advanced(by: 1), through: nil, isParallel: isParallel
            ) { batch in
                try state.evolve(with: batch, reader: reader)
                return true
            }
        } catch {
            throw DaybookError(reading: error)
        }
        return state
    }
}
