import Crypto
import DaybookCore
import Foundation
import Glibc

/// The key that wraps every other key; 32 random bytes in a file of their own.
///
/// The file is made once (mode 0400) and may lie on another volume than the vault, so that neither is
/// worth anything without the other.
struct MasterKey {
    static let byteCount = 32

    let key: SymmetricKey
    private let log: LogID

    init(bytes: [UInt8], log: LogID) {
        key = SymmetricKey(data: bytes)
        self.log = log
    }

    /// Says whether this is the key that the vault was made with, without giving it away.
    var checkValue: [UInt8] {
        var data = AssociatedData(domain: "daybook vault key check v1")
        data.append(log.rawValue)
        return Array(HMAC<SHA256>.authenticationCode(for: data.bytes, using: key))
    }

    /// Compares in constant time.
    func passes(check: [UInt8]) -> Bool {
        var data = AssociatedData(domain: "daybook vault key check v1")
        data.append(log.rawValue)
        return HMAC<SHA256>.isValidAuthenticationCode(check, authenticating: data.bytes, using: key)
    }

    /// What a wrapped key is for; it cannot be unwrapped as anything else.
    enum Purpose {
        case data(user: UInt128, version: UInt32)
        case index
        case token(id: UInt32)
    }

    func wrap(
        _ bytes: [UInt8], for purpose: Purpose, nonce: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        try SealedBox.seal(bytes, using: key, nonce: nonce, bindingTo: context(of: purpose))
    }

    /// `nil` when the bytes are not a key that this master key wrapped for this purpose.
    func unwrap(_ bytes: [UInt8], for purpose: Purpose) -> SymmetricKey? {
        guard
            let plain = SealedBox.open(bytes, using: key, bindingTo: context(of: purpose)),
            plain.count == MasterKey.byteCount
        else { return nil }
        return SymmetricKey(data: plain)
    }

    private func context(of purpose: Purpose) -> [UInt8] {
        var data = AssociatedData(domain: "daybook wrapped key v1")
        data.append(log.rawValue)
        switch purpose {
        case .data(let user, let version):
            data.append("data")
            data.append(user)
            data.append(version)
        case .index: data.append("index")
        case .token(let id):
            data.append("token")
            data.append(id)
        }
        return data.bytes
    }
}

// MARK: - File

extension MasterKey {
    /// Reads a master key file.
    ///
    /// - Throws: ``VaultError`` `.keyMissing`, `.keyExposed`, `.damaged` or `.io`.
    static func read(file path: String) throws(VaultError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno != ENOENT else {
                throw VaultError(
                    .keyMissing,
                    "the master key file \(path) is not there; put it back from where it is kept, "
                        + "or name its place: without it no personal data can be read", file: path)
            }
            throw FileFailure.current("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure.current("measure", path) }
        guard status.st_mode & 0o077 == 0 else {
            throw VaultError(
                .keyExposed,
                "others than the owner may use the master key file \(path); run: chmod 400 \(path)",
                file: path)
        }
        var bytes = [UInt8](repeating: 0, count: byteCount + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw FileFailure.current("read", path) }
        guard count == byteCount else {
            throw VaultError(
                .damaged,
                "the master key file \(path) must hold exactly \(byteCount) bytes; put "
                    + "the right file there", file: path)
        }
        return Array(bytes.prefix(byteCount))
    }

    /// Writes a new master key file, durable when this returns.
    ///
    /// A key that is there already is used instead: an earlier attempt got no further than this.
    static func create(file path: String, bytes: [UInt8]) throws(VaultError) -> [UInt8] {
        let partial = path + ".part"
        unlink(partial)
        if access(path, F_OK) == 0 { return try read(file: path) }
        let descriptor = open(
            partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard descriptor >= 0 else { throw FileFailure.current("create", partial) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
        else { throw FileFailure.current("write", partial) }
        guard rename(partial, path) == 0 else { throw FileFailure.current("rename", partial) }
        try FileFailure.syncDirectory(of: path)
        return bytes
    }
}
