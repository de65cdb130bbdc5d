import DaybookCore
import DaybookLog
import DaybookProjections
import DaybookVault
import Foundation

/// Makes a new store. The log comes last: a directory without one is no store yet, so a crash in
/// between is answered by creating again.
enum StoreCreation {
    static func create(_ configuration: DaybookConfiguration) throws(DaybookError) {
        let store = configuration.store
        try makeDirectory(store.path)
        let storage: any Storage
        do throws(EventLogError) {
            storage = try configuration.openLogStorage(creating: true)
            guard try !LogDirectory.exists(in: storage) else {
                throw EventLogError(.alreadyExists, "there is a store in \(store.path) already")
            }
        } catch {
            throw DaybookError(log: error)
        }
        let vault = try makeVault(configuration)
        let salt = configuration.entropy.bytes(Digest.byteCount)
        guard let salt = Digest(salt) else {
            preconditionFailure("StoreCreation: entropy gave another count of bytes than asked for")
        }
        do throws(EventLogError) {
            let opened = try LogDirectory.create(
                storage: storage, options: configuration.logOptions, hash: .sha256,
                clock: configuration.clock, newLogID: vault.logID, salt: salt)
            try opened.committer.close()
            makeReadModels(of: opened.reader.logID, in: store)
        } catch {
            throw DaybookError(log: error)
        }
    }

    /// Empty read models, so that a new store can be asked. What is missing is made at the first start.
    private static func makeReadModels(of logID: LogID, in store: StoreDirectory) {
        guard (try? makeDirectory(store.readModels)) != nil else { return }
        for name in ReadModelName.allCases {
            try? ReadModelFile.create(
                name, in: ReadModelPlace(store.path(of: name)), logID: logID
            ).close()
        }
    }

    private static func makeDirectory(_ path: String) throws(DaybookError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw DaybookError(
                .readOnly, "the directory \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// A vault without a log was left by a crash, and no event can have used it: it is taken over.
    private static func makeVault(
        _ configuration: DaybookConfiguration
    ) throws(DaybookError) -> Vault {
        let store = configuration.store
        let identifier = configuration.entropy.bytes(16).withUnsafeBytes {
            $0.loadUnaligned(as: UInt128.self)
        }
        let logID = LogID(
            rawValue: timeOrderedIdentifier(at: configuration.clock(), entropy: identifier))
        do throws(VaultError) {
            if FileManager.default.fileExists(atPath: store.vault) {
                return try Vault.open(in: store.path, options: configuration.vaultOptions)
            }
            return try Vault.create(
                in: store.path, logID: logID, options: configuration.vaultOptions)
        } catch {
            throw DaybookError(vault: error)
        }
    }
}
