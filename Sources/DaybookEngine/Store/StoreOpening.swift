import DaybookCore
import DaybookDecisions
package import DaybookLog
import DaybookProjections
import DaybookVault
import Foundation

/// What opening a store for writing gives: the parts, before any thread runs.
struct OpenedStore {
    var log: OpenedLog
    var vault: Vault
    var models: ReadModelSet
    var state: EngineState
    /// The position of the snapshot that the state was folded from; `.start` without one.
    var snapshotPosition: LogPosition

    /// Lock, recover, check the read models against the log, fold the state.
    static func open(
        _ configuration: DaybookConfiguration, board: PositionBoard
    ) throws(DaybookError) -> OpenedStore {
        let store = configuration.store
        let files = openReadModels(store)
        let log = try openLog(configuration, files)
        do throws(DaybookError) {
            let vault: Vault
            do throws(VaultError) {
                vault = try Vault.open(
                    in: store.path, logID: log.reader.logID, options: configuration.vaultOptions)
            } catch {
                throw DaybookError(vault: error)
            }
            let snapshot = log.reader.usable(configuration.snapshotFile.read())
            try log.reader.requireKnownEvents(after: snapshot?.position ?? .start)
            let models = try ReadModelSet.open(
                in: store, files: files, reader: log.reader,
                policy: try configuration.loadedSettings().checkpointPolicy, board: board,
                isParallel: configuration.host.isParallel)
            let (state, position) = try EngineState.fold(
                log.reader, from: snapshot, isParallel: configuration.host.isParallel)
            return OpenedStore(
                log: log, vault: vault, models: models, state: state, snapshotPosition: position)
        } catch {
            // The first error is the one to tell; the log is intact either way.
            try? log.committer.close()
            throw error
        }
    }

    /// The read models that can be opened at all.
    static func openReadModels(_ store: StoreDirectory) -> [ReadModelFile] {
        ReadModelName.allCases.compactMap { try? ReadModelFile.open($0, at: store.path(of: $0)) }
    }

    private static func openLog(
        _ configuration: DaybookConfiguration, _ files: [ReadModelFile]
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
                evidence: try configuration.recoveryEvidence(files, on: storage))
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
        return try DaybookConfiguration(directory: path).recoveryEvidence(files, on: storage)
    }
}

extension DaybookConfiguration {
    /// What read models and snapshot know about the log: a log that ends before one of them has lost
    /// acknowledged events, and recovery must not take that for a torn write (LOG.md, section 4).
    ///
    /// A file that cannot be read, or that belongs to another log, proves nothing and is judged later.
    func recoveryEvidence(
        _ files: [ReadModelFile], on storage: any Storage
    ) throws(EventLogError) -> [RecoveryEvidence] {
        let logID = try LogDirectory.logID(in: storage)
        var evidence = files.compactMap { file -> RecoveryEvidence? in
            guard logID == nil || file.checkpoint.logID == logID else { return nil }
            return RecoveryEvidence(
                name: file.name.fileName, position: file.checkpoint.position,
                chain: file.checkpoint.chain)
        }
        if let snapshot = snapshotFile.read(),
            logID == nil || snapshot.logID == logID
        {
            evidence.append(
                RecoveryEvidence(
                    name: "state.snapshot", position: snapshot.position, chain: snapshot.chain))
        }
        if PlantedBug.readModelAheadIgnored.isPlanted { return [] }
        return evidence.filter { $0.position > .start }
    }
}

extension LogReader {
    /// A snapshot, unless it is of another log, of another history, or was folded from events that
    /// another chain of upcasters lifted.
    fileprivate func usable(_ snapshot: Snapshot?) -> Snapshot? {
        guard let snapshot, snapshot.logID == logID, snapshot.vocabulary == upcasters.digest,
            snapshot.position <= head.position,
            (try? chain(at: snapshot.position)) == snapshot.chain
        else { return nil }
        return snapshot
    }
}

extension EngineState {
    /// The state at the head: the snapshot and the tail of the log, else the whole log.
    static func fold(
        _ reader: LogReader, from snapshot: Snapshot?, isParallel: Bool
    ) throws(DaybookError) -> (state: EngineState, snapshotPosition: LogPosition) {
        var state = snapshot?.state ?? EngineState.initial
        let position = snapshot?.position ?? LogPosition.start
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
        return (state, position)
    }
}
