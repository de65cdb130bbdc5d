package import DaybookCore
package import DaybookDecisions
import Foundation
import GRDB
import Synchronization

extension Vault {
    /// The token of a verification: derived, never stored, so it can be made again for a retried mail.
    ///
    /// The same verification gives the same token until the key is rotated; both are then good.
    package func token(
        for verification: VerificationID, user: UserID, purpose: VerificationPurpose,
        expiresAt: Instant
    ) -> String {
        let claims = TokenClaims(
            verificationID: verification, userID: user, purpose: purpose, expiresAt: expiresAt)
        let key = tokenKeys.withLock { $0.current }
        return VerificationToken.text(of: claims, key: key, log: logID)
    }

    /// What a token says; `nil` when it is not genuine or for another purpose, without saying which.
    package func claims(
        ofToken token: String, purpose: VerificationPurpose
    ) -> TokenClaims? {
        let keys = tokenKeys.withLock { $0 }
        return VerificationToken.claims(of: token, purpose: purpose, keys: keys, log: logID)
    }

    /// Makes a new token key; tokens of the one before stay good, older ones do not (D-46).
    ///
    /// Rotated less often than links live (24 h), no link dies of it.
    ///
    /// - Throws: ``VaultError`` `.readOnly`, `.io`.
    package func rotateTokenKey() throws(VaultError) {
        let current = tokenKeys.withLock { $0.current.id }
        precondition(current < .max, "Vault: token key ids are exhausted")
        let next = current + 1
        let bytes = entropy.bytes(MasterKey.byteCount)
        let wrapped = try master.wrap(
            bytes, for: .token(id: next), nonce: entropy.bytes(SealedBox.nonceByteCount))
        let keptCount = UInt32(VaultLimits.tokenKeyCount)
        try store.write { database in
            try database.execute(
                sql: "INSERT INTO token_keys (key_id, wrapped_key) VALUES (?, ?)",
                arguments: [Int64(next), Data(wrapped)])
            try database.execute(
                sql: "DELETE FROM token_keys WHERE key_id + ? <= ?",
                arguments: [Int64(keptCount), Int64(next)])
        }
        tokenKeys.withLock { keys in
            keys.rotate(to: TokenKeys.TokenKey(id: next, bytes: bytes))
        }
    }
}
