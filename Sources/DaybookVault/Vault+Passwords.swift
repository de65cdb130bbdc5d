package import DaybookCore
import Foundation
import GRDB

// Every function here may take as long as a hash (0.4 s) or several: call them off the writer.
extension Vault {
    /// Stores a new verifier of a person's password, durable when this returns.
    ///
    /// - Parameter password: exactly the bytes received; `nil` for none: nobody can log in then.
    /// - Throws: ``VaultError`` `.unusablePassword`, `.erased`, `.busy`, `.io`, `.readOnly`.
    package func setVerifier(password: [UInt8]?, for user: UserID) throws(VaultError) {
        guard let password else {
            try store(nil, for: user)
            return
        }
        try store(try makeVerifier(password: password), for: user)
    }

    /// Hashes a password without storing anything: the slow half of ``setVerifier(password:for:)``.
    package func makeVerifier(password: [UInt8]) throws(VaultError) -> PasswordVerifier {
        let salt = entropy.bytes(PasswordVerifier.saltByteCount)
        return try hashingGate.run { () throws(VaultError) in
            try PasswordVerifier(password: password, salt: salt, cost: passwordCost)
        }
    }

    /// Stores a verifier, or takes it away: the quick half of ``setVerifier(password:for:)``.
    package func store(_ verifier: PasswordVerifier?, for user: UserID) throws(VaultError) {
        let data = DataKeyName(user: user, version: DataKeyName.firstVersion).userData
        try store.write { database in
            guard let verifier else {
                try database.execute(
                    sql: "DELETE FROM verifiers WHERE user_id = ?", arguments: [data])
                return
            }
            let isErased = try Int.fetchOne(
                database, sql: "SELECT 1 FROM erasures WHERE user_id = ?", arguments: [data])
            guard isErased == nil else {
                throw VaultError(
                    .erased, "the personal data of \(user) was erased; register a new account")
            }
            try database.execute(
                sql: """
                    INSERT INTO verifiers (user_id, verifier) VALUES (?, ?)
                    ON CONFLICT (user_id) DO UPDATE SET verifier = excluded.verifier
                    """, arguments: [data, verifier.description])
        }
    }

    /// Whether this is the person's password.
    ///
    /// Costs one hash in every case: for people without a verifier, and for `nil`, the same work is
    /// done in vain, so that the time does not tell who has an account.
    ///
    /// - Throws: ``VaultError`` `.busy`, `.damaged`, `.io`.
    package func verify(password: [UInt8], for user: UserID?) throws(VaultError) -> Bool {
        var verifier: PasswordVerifier?
        if let user { verifier = try self.verifier(of: user) }
        let candidate = Array(password.prefix(VaultLimits.passwordByteCount))
        let isWhole = candidate.count == password.count && !candidate.isEmpty
        return try hashingGate.run { () throws(VaultError) in
            guard let verifier else {
                let salt = [UInt8](repeating: 0, count: PasswordVerifier.saltByteCount)
                _ = try PasswordVerifier.scrypt(
                    candidate, salt: salt, cost: passwordCost,
                    byteCount: PasswordVerifier.hashByteCount)
                return false
            }
            return try verifier.accepts(candidate) && isWhole
        }
    }

    /// Whether the person's verifier was made at another cost than wanted today; after a successful
    /// login it is then made anew with ``setVerifier(password:for:)``.
    package func needsRehash(for user: UserID) throws(VaultError) -> Bool {
        try verifier(of: user)?.needsRehash(for: passwordCost) ?? false
    }

    /// Whether the person has a password at all.
    package func hasVerifier(for user: UserID) throws(VaultError) -> Bool {
        try verifier(of: user) != nil
    }

    private func verifier(of user: UserID) throws(VaultError) -> PasswordVerifier? {
        let data = DataKeyName(user: user, version: DataKeyName.firstVersion).userData
        let text = try store.read { database in
            try String.fetchOne(
                database, sql: "SELECT verifier FROM verifiers WHERE user_id = ?",
                arguments: [data])
        }
        guard let text else { return nil }
        guard let verifier = PasswordVerifier(text) else {
            throw store.damaged("the password verifier of \(user) is malformed")
        }
        return verifier
    }
}
