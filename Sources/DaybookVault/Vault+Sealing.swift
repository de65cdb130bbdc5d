import Crypto
package import DaybookCore
package import DaybookDecisions
import Foundation
import GRDB
import Synchronization

/// Names one data key of one person.
struct DataKeyName: Hashable {
    var user: UserID
    var version: UInt32

    /// Every person has one version so far.
    static let firstVersion: UInt32 = 1

    var userData: Data { withUnsafeBytes(of: user.rawValue.bigEndian) { Data($0) } }
}

// MARK: - Keys

extension Vault {
    /// Makes a data key for everybody named who has none; durable when this returns.
    ///
    /// One transaction for all; people who have a key keep it. A key that is never used is harmless.
    ///
    /// - Throws: ``VaultError`` `.erased` when one of them was erased (then no key is made), `.io`,
    ///   `.readOnly`.
    /// - Complexity: one transaction (two syncs), about 10 µs per new key.
    package func createKeys(for users: [UserID]) throws(VaultError) {
        let names = users.map { DataKeyName(user: $0, version: DataKeyName.firstVersion) }
        let unknown = cachedKeys.withLock { keys in names.filter { keys.use($0) == nil } }
        guard !unknown.isEmpty else { return }
        let created = try store.write { database in
            try unknown.compactMap { try createKey($0, in: database) }
        }
        for (name, key) in created { remember(key, as: name) }
    }

    private func createKey(
        _ name: DataKeyName, in database: Database
    ) throws -> (DataKeyName, SymmetricKey)? {
        let user = name.userData
        guard try !isErased(user, in: database) else { throw erasedError(name.user) }
        let existing = try database.cachedStatement(
            sql: "SELECT 1 FROM data_keys WHERE user_id = ? AND version = ?")
        guard try Int.fetchOne(existing, arguments: [user, name.version]) == nil else { return nil }
        let bytes = entropy.bytes(MasterKey.byteCount)
        let wrapped = try master.wrap(
            bytes, for: .data(user: name.user.rawValue, version: name.version),
            nonce: entropy.bytes(SealedBox.nonceByteCount))
        try database.cachedStatement(
            sql: "INSERT INTO data_keys (user_id, version, wrapped_key) VALUES (?, ?, ?)"
        ).execute(arguments: [user, name.version, Data(wrapped)])
        return (name, SymmetricKey(data: bytes))
    }

    private enum KeyState {
        case key(SymmetricKey)
        case erased
        case missing
    }

    private func keyState(_ name: DataKeyName) throws(VaultError) -> KeyState {
        if let key = cachedKeys.withLock({ $0.use(name) }) { return .key(key) }
        let user = name.userData
        let (wrapped, hasTombstone) = try store.read { database -> (Data?, Bool) in
            let statement = try database.cachedStatement(
                sql: "SELECT wrapped_key FROM data_keys WHERE user_id = ? AND version = ?")
            let wrapped = try Data.fetchOne(statement, arguments: [user, name.version])
            return (wrapped, try isErased(user, in: database))
        }
        // The tombstone wins: a key that came back with an old backup stays out of use.
        if hasTombstone { return .erased }
        guard let wrapped else { return .missing }
        guard
            let key = master.unwrap(
                Array(wrapped), for: .data(user: name.user.rawValue, version: name.version))
        else { throw store.damaged("the data key of \(name.user) does not unwrap") }
        remember(key, as: name)
        return .key(key)
    }

    private func remember(_ key: SymmetricKey, as name: DataKeyName) {
        cachedKeys.withLock { $0.set(key, for: name) }
    }

    private func isErased(_ user: Data, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM erasures WHERE user_id = ?")
        return try Int.fetchOne(statement, arguments: [user]) != nil
    }

    private func erasedError(_ user: UserID) -> VaultError {
        VaultError(.erased, "the personal data of \(user) was erased; register a new account")
    }
}

// MARK: - Values

extension Vault {
    /// Seals a personal value under the person's data key.
    ///
    /// - Throws: ``VaultError`` `.noDataKey` (call ``createKeys(for:)`` first), `.erased`, `.io`.
    /// - Precondition: at most ``VaultLimits/sealedByteCount`` bytes.
    /// - Complexity: a few microseconds once the person's key is in memory.
    package func seal(
        _ value: String, for user: UserID, field: SealedField
    ) throws(VaultError) -> Sealed {
        precondition(
            value.utf8.count <= VaultLimits.sealedByteCount, "Vault: the value is no personal field"
        )
        let name = DataKeyName(user: user, version: DataKeyName.firstVersion)
        let key: SymmetricKey
        switch try keyState(name) {
        case .key(let found): key = found
        case .erased: throw erasedError(user)
        case .missing:
            throw VaultError(
                .noDataKey, "\(user) has no data key; keys are created before the first use")
        }
        let box = try SealedBox.seal(
            Array(value.utf8), using: key, nonce: entropy.bytes(SealedBox.nonceByteCount),
            bindingTo: field.associatedData(log: logID, user: user, keyVersion: name.version))
        return Sealed(box: box, keyVersion: name.version)
    }

    /// Reads a sealed value.
    ///
    /// - Returns: the value, or why it cannot be read: `erased` on purpose, or `keyMissing`, which
    ///   means that the vault is older than the log.
    /// - Throws: ``VaultError`` `.damaged` when the box was not sealed for this person, field and log,
    ///   or was changed; `.io`.
    package func unseal(
        _ sealed: Sealed, for user: UserID, field: SealedField
    ) throws(VaultError) -> Unsealed {
        let name = DataKeyName(user: user, version: sealed.keyVersion)
        switch try keyState(name) {
        case .erased: return .erased
        case .missing: return .keyMissing
        case .key(let key):
            let context = field.associatedData(
                log: logID, user: user, keyVersion: sealed.keyVersion)
            guard let bytes = SealedBox.open(sealed.box, using: key, bindingTo: context),
                let text = String(validating: bytes, as: UTF8.self)
            else {
                throw VaultError(
                    .damaged,
                    "\(field.eventType).\(field.name) of \(user) was not sealed for this person, "
                        + "field and log, or was changed; verify the log")
            }
            return .value(text)
        }
    }
}

// MARK: - Erasure

extension Vault {
    /// Destroys a person's data keys and password verifier for good; durable when this returns.
    ///
    /// A tombstone stays, so that what was sealed reads as `erased`, and no new key can be made.
    /// Repeating it changes nothing; it works for people who never had a key, too. The wrapped key is
    /// overwritten in the file; a copy that the disk kept is worth nothing once the master key is
    /// replaced.
    package func erase(_ user: UserID) throws(VaultError) {
        let data = DataKeyName(user: user, version: DataKeyName.firstVersion).userData
        try store.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO erasures (user_id) VALUES (?)", arguments: [data])
            try database.execute(
                sql: "DELETE FROM data_keys WHERE user_id = ?", arguments: [data])
            try database.execute(
                sql: "DELETE FROM verifiers WHERE user_id = ?", arguments: [data])
        }
        cachedKeys.withLock {
            $0.remove(DataKeyName(user: user, version: DataKeyName.firstVersion))
        }
    }
}
