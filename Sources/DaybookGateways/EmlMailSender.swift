import DaybookCore
import Glibc

/// The embedded post office: a folder of `.eml` files that any mail program opens.
///
/// One file per message, named like its id, readable by the owner only. A message is written under a
/// temporary name and then renamed, so a file is whole or absent, and handing it over again changes
/// nothing: the first text stays.
public final class EmlMailSender: MailSender {
    /// When a message counts as handed over.
    public enum Durability: Hashable, Sendable {
        /// When its file is on disk: survives a power cut. Two syncs a message.
        case disk
        /// When the kernel has it: survives a kill. For imports and rehearsals.
        case kernel
    }

    private let directory: String
    private let durability: Durability

    /// - Parameter directory: created (0700) if need be.
    /// - Throws: ``MailFailure/temporary(_:)`` when the folder cannot be made.
    public init(directory: String, durability: Durability = .disk) throws(MailFailure) {
        self.directory = directory
        self.durability = durability
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw EmlMailSender.failure("create the folder", directory)
        }
    }

    /// Writes the message, unless it is there already.
    @discardableResult
    public func send(_ mail: OutgoingMail) throws(MailFailure) -> MailReceipt {
        let message = try InternetMessage(mail)
        let receipt = MailReceipt(providerID: message.messageID)
        let path = "\(directory)/\(mail.id).eml"
        var status = stat()
        if lstat(path, &status) == 0 { return receipt }
        let temporaryPath = "\(directory)/.\(mail.id).part"
        try write(message.bytes, to: temporaryPath)
        guard rename(temporaryPath, path) == 0 else {
            let failure = EmlMailSender.failure("rename", temporaryPath)
            unlink(temporaryPath)
            throw failure
        }
        if durability == .disk { try syncDirectory() }
        return receipt
    }

    private func write(_ bytes: [UInt8], to path: String) throws(MailFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw EmlMailSender.failure("create", path) }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw EmlMailSender.failure("write", path) }
            offset += count
        }
        guard durability == .kernel || fdatasync(descriptor) == 0 else {
            throw EmlMailSender.failure("sync", path)
        }
    }

    private func syncDirectory() throws(MailFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EmlMailSender.failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EmlMailSender.failure("sync", directory) }
    }

    private static func failure(_ verb: String, _ path: String) -> MailFailure {
        let reason = String(cString: strerror(errno))
        return .temporary(
            "cannot \(verb) \(path): \(reason); check the folder's owner, permissions and space")
    }
}
