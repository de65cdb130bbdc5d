import Crypto
package import DaybookCore
package import DaybookDecisions
import Foundation
import GRDB
import Glibc
import Synchronization

/// Keeps the secrets that must be erasable: one data key and one password verifier per person.
///
/// The vault is source data: it is backed up beside the log, and nothing rebuilds it. Everything in it
/// that opens something is wrapped with the master key, which lies in a file of its own. A key is on
/// disk before ``createKeys(for:)`` returns, so it is durable before the first event that uses it; a
/// key whose event never came is harmless.
///
/// Thread-safe. Every function may block on the disk, those of passwords also on hashing: none may be
/// called from the deciding thread's hot path except ``seal(_:for:field:)`` and ``digest(of:)``, which
/// touch memory only once the person's key is known.
///
/// Source: DOMAIN.md 4.5; SECURITY.md 2 and 3; LOG.md faults 67 to 69.
package final class Vault: Sendable {
    /// The log whose personal values this vault opens.
    package let logID: LogID
    package let isReadOnly: Bool

    let store: VaultStore
    let master: MasterKey
    /// Begun with the index key, so that each digest goes on from there.
    private let indexCode: HMAC<SHA256>
    let entropy: any EntropySource
    let passwordCost: PasswordCost
    let hashingGate = HashingGate()
    let cachedKeys = Mutex(
        RecentValues<DataKeyName, SymmetricKey>(limit: VaultLimits.cachedKeyCount))
    let tokenKeys: Mutex<TokenKeys>

    /// What a vault is made or opened with besides its place.
    package struct Options: Sendable {
        /// `nil`: `master.key` beside the vault.
        package var masterKeyFile: String?
        package var entropy: any EntropySource
        /// For new verifiers; existing ones carry their own.
        package var passwordCost: PasswordCost

        package init(
            masterKeyFile: String? = nil, entropy: any EntropySource = SystemEntropy(),
            passwordCost: PasswordCost = .recommended
        ) {
            self.masterKeyFile = masterKeyFile
            self.entropy = entropy
            self.passwordCost = passwordCost
        }
    }

    package enum Mode: Hashable, Sendable {
        case readWrite
        case readOnly
    }

    private init(
        store: VaultStore, master: MasterKey, logID: LogID, isReadOnly: Bool, options: Options
    ) throws(VaultError) {
        self.store = store
        self.master = master
        self.logID = logID
        self.isReadOnly = isReadOnly
        entropy = options.entropy
        passwordCost = options.passwordCost
        guard master.passes(check: try store.headerValue("key_check")) else {
            throw VaultError(
                .wrongKey,
                "the master key is not the one that this vault was made with; put the right file "
                    + "in its place: nothing was read or changed", file: options.masterKeyFile)
        }
        guard let indexKey = master.unwrap(try store.headerValue("index_key"), for: .index) else {
            throw store.damaged("the index key does not unwrap")
        }
        indexCode = HMAC<SHA256>(key: indexKey)
        tokenKeys = Mutex(try TokenKeys.load(from: store, unwrappingWith: master))
    }
}

// MARK: - Creating and opening

extension Vault {
    package static let fileName = VaultStore.fileName
    package static let masterKeyFileName = "master.key"

    /// Makes a vault and, unless there is one, its master key, and opens it.
    ///
    /// A crash in between leaves at most a master key, which the next attempt uses.
    ///
    /// - Parameters:
    ///   - directory: must exist.
    ///   - logID: the log that the vault belongs to.
    /// - Throws: ``VaultError`` `.alreadyExists`, `.keyExposed`, `.damaged` (a master key file of the
    ///   wrong size) or `.io`.
    package static func create(
        in directory: String, logID: LogID, options: Options = Options()
    ) throws(VaultError) -> Vault {
        let path = directory + "/" + fileName
        guard access(path, F_OK) != 0 else {
            throw VaultError(
                .alreadyExists,
                "there is a vault at \(path) already; open it, or choose another "
                    + "folder", file: path)
        }
        let masterKeyBytes = try MasterKey.create(
            file: options.masterKeyFile ?? directory + "/" + masterKeyFileName,
            bytes: options.entropy.bytes(MasterKey.byteCount))
        let master = MasterKey(bytes: masterKeyBytes, log: logID)
        try VaultStore.create(path: path, header(logID: logID, master, options.entropy))
        return try open(in: directory, logID: logID, mode: .readWrite, options: options)
    }

    /// Opens a vault.
    ///
    /// - Parameter logID: the log that it must belong to; `nil` takes what it says.
    /// - Throws: ``VaultError`` `.notFound`, `.keyMissing`, `.wrongKey`, `.keyExposed`, `.foreignLog`,
    ///   `.damaged` or `.io`. Nothing is ever decrypted with a wrong key.
    package static func open(
        in directory: String, logID expectedLogID: LogID? = nil, mode: Mode = .readWrite,
        options: Options = Options()
    ) throws(VaultError) -> Vault {
        let path = directory + "/" + fileName
        let store = try VaultStore.open(path: path, readOnly: mode == .readOnly)
        let logIDBytes = try store.headerValue("log_id")
        guard logIDBytes.count == 16 else { throw store.damaged("the log id is malformed") }
        let logID = LogID(rawValue: logIDBytes.reduce(0) { $0 << 8 | UInt128($1) })
        guard expectedLogID == nil || expectedLogID == logID else {
            throw VaultError(
                .foreignLog,
                "\(path) belongs to log \(logID); put the vault of this log in its place",
                file: path)
        }
        var options = options
        let masterKeyFile = options.masterKeyFile ?? directory + "/" + masterKeyFileName
        options.masterKeyFile = masterKeyFile
        let master = MasterKey(bytes: try MasterKey.read(file: masterKeyFile), log: logID)
        return try Vault(
            store: store, master: master, logID: logID, isReadOnly: mode == .readOnly,
            options: options)
    }

    /// A vault that lives as long as the value, for simulations.
    package static func inMemory(
        logID: LogID, options: Options = Options()
    ) throws(VaultError) -> Vault {
        let master = MasterKey(bytes: options.entropy.bytes(MasterKey.byteCount), log: logID)
        let store = try VaultStore.inMemory(header(logID: logID, master, options.entropy))
        return try Vault(
            store: store, master: master, logID: logID, isReadOnly: false, options: options)
    }

    private static func header(
        logID: LogID, _ master: MasterKey, _ entropy: any EntropySource
    ) throws(VaultError) -> VaultStore.Header {
        func newKey(for purpose: MasterKey.Purpose) throws(VaultError) -> Data {
            Data(
                try master.wrap(
                    entropy.bytes(MasterKey.byteCount), for: purpose,
                    nonce: entropy.bytes(SealedBox.nonceByteCount)))
        }
        return VaultStore.Header(
            logID: withUnsafeBytes(of: logID.rawValue.bigEndian) { Data($0) },
            keyCheck: Data(master.checkValue),
            wrappedIndexKey: try newKey(for: .index),
            wrappedTokenKey: try newKey(for: .token(id: 1)))
    }
}

// MARK: - Addresses

extension Vault {
    /// The only form of an address outside sealed fields: HMAC-SHA-256 under the index key.
    ///
    /// - Parameter canonicalEmail: in canonical form, or the same address would give two digests.
    package func digest(of canonicalEmail: String) -> EmailDigest {
        var text = canonicalEmail
        return EmailDigest(digest: text.withUTF8 { keyedDigest(UnsafeRawBufferPointer($0)) })
    }

    /// HMAC-SHA-256 of any bytes under the index key. Two uses are kept apart by what the bytes begin with.
    package func keyedDigest(_ bytes: UnsafeRawBufferPointer) -> DaybookCore.Digest {
        // A copy, which goes on from the padded key: that is hashed once.
        var code = indexCode
        code.update(data: bytes)
        return code.finalize().withUnsafeBytes { DaybookCore.Digest(bytes: $0) }
    }
}
