/// The vault cannot do what it was asked: what failed, where, and the way out.
package struct VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// There is no vault at the place named.
        case notFound = "vault_not_found"
        /// There is a vault at the place named already.
        case alreadyExists = "vault_exists"
        /// The master key file is not there.
        case keyMissing = "vault_key_missing"
        /// The master key file holds another vault's key.
        case wrongKey = "vault_wrong_key"
        /// Others than the owner may read the master key file.
        case keyExposed = "vault_key_exposed"
        /// The vault belongs to another log.
        case foreignLog = "vault_foreign_log"
        /// The file, or one value in it, is not what was written.
        case damaged = "vault_damaged"
        /// The disk or the file system says no.
        case io = "vault_io"
        /// The vault was opened for reading only.
        case readOnly = "vault_read_only"
        /// The person has no data key; keys are created before the first use.
        case noDataKey = "vault_no_data_key"
        /// The person's data key was destroyed for good.
        case erased = "vault_erased"
        /// An empty password, or one of more than ``VaultLimits/passwordByteCount`` bytes.
        case unusablePassword = "vault_password_unusable"
        /// Too many password checks are waiting; try again in a moment.
        case busy = "vault_busy"
    }

    package var code: Code
    package var message: String
    package var file: String?

    package init(_ code: Code, _ message: String, file: String? = nil) {
        self.code = code
        self.message = message
        self.file = file
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
