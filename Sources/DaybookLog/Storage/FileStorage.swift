internal import Glibc

/// A directory of a POSIX file system.
///
/// The directory is held open, so a rename of it or of a parent does not redirect the log. Files
/// are private to the user (0600 in 0700), links are not followed, descriptors do not survive
/// `exec`.
package final class FileStorage: Storage {
    package let path: String
    package let isReadOnly: Bool
    private let directory: Int32
    /// `nil` when nothing is written.
    private let reserve: DescriptorReserve?

    /// Opens a directory.
    ///
    /// - Parameter creating: makes the directory (not its parents) unless it is there.
    package init(path: String, readOnly: Bool = false, creating: Bool = false)
        throws(EventLogError)
    {
        self.path = path
        isReadOnly = readOnly
        if creating, !readOnly {
            try makingDirectory(path) { mkdir(path, 0o700) }
        }
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        directory = try retryingInterrupts("open directory", path) { Glibc.open(path, flags) }
        reserve = readOnly ? nil : DescriptorReserve(source: directory)
        invariant((reserve == nil) == isReadOnly, "FileStorage: whoever may write has a reserve")
    }

    deinit {
        Glibc.close(directory)
    }

    package func list() throws(EventLogError) -> [String] {
        // A descriptor of its own: the stream takes it over, and reading moves its position.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let descriptor = try retryingInterrupts("list", path) { openat(directory, ".", flags) }
        let stream = try DirectoryStream(taking: descriptor, path)
        var names: [String] = []
        while let name = try stream.nextFileName() { names.append(name) }
        return names.sorted()
    }

    package func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError)
        -> any StorageFile
    {
        var flags = O_CLOEXEC | O_NOFOLLOW
        switch mode {
        case .read: flags |= O_RDONLY
        case .update: flags |= O_RDWR
        case .replace: flags |= O_RDWR | O_CREAT | O_TRUNC
        }
        guard mode != .read else {
            let descriptor = try retryingInterrupts("open", name) {
                openat(directory, name, flags)
            }
            return PosixFile(name: name, descriptor: descriptor)
        }
        try refuseWhenReadOnly(name)
        func call() -> Int32 { openat(directory, name, flags, 0o600) }
        let reserve = established(reserve, "FileStorage: whoever may write has a reserve")
        let descriptor = try retryingInterrupts("open", name) { reserve.open(call) }
        return PosixFile(name: name, descriptor: descriptor, reserve: reserve)
    }

    package func rename(_ old: String, to new: String) throws(EventLogError) {
        try refuseWhenReadOnly(old)
        _ = try retryingInterrupts("rename", old) { renameat(directory, old, directory, new) }
    }

    package func unlink(_ name: String) throws(EventLogError) {
        try refuseWhenReadOnly(name)
        _ = try retryingInterrupts("unlink", name) { unlinkat(directory, name, 0) }
    }

    package func createFolder(_ name: String) throws(EventLogError) {
        try refuseWhenReadOnly(name)
        try makingDirectory(name) { mkdirat(directory, name, 0o700) }
    }

    package func syncDirectory(folder: String?) throws(EventLogError) {
        guard let folder else {
            _ = try retryingInterrupts("sync directory", path) { fsync(directory) }
            return
        }
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try retryingInterrupts("open directory", folder) {
            openat(directory, folder, flags)
        }
        defer { Glibc.close(descriptor) }
        _ = try retryingInterrupts("sync directory", folder) { fsync(descriptor) }
    }

    package func lock() throws(EventLogError) -> any StorageLock {
        try refuseWhenReadOnly(LogFileName.lock)
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try retryingInterrupts("open", LogFileName.lock) {
            openat(directory, LogFileName.lock, flags, 0o600)
        }
        return try PosixLock(taking: descriptor)
    }

    private func refuseWhenReadOnly(_ name: String) throws(EventLogError) {
        guard !isReadOnly else {
            throw EventLogError(.readOnly, "the log was opened for reading only", file: name)
        }
    }
}

/// Makes a directory unless it is there.
private func makingDirectory(_ name: String, _ call: () -> Int32) throws(EventLogError) {
    do throws(EventLogError) {
        _ = try retryingInterrupts("create directory", name, call)
    } catch {
        guard error.errno == EEXIST else { throw error }
    }
}

/// Repeats a call that a signal interrupted; never used for `close`.
///
/// - Parameter call: gives a number below 0 when it failed and `errno` says why.
func retryingInterrupts<Result: SignedInteger>(
    _ operation: String, _ file: String, at byteOffset: UInt64? = nil, _ call: () -> Result
) throws(EventLogError) -> Result {
    var result = call()
    while result < 0, errno == EINTR { result = call() }
    guard result >= 0 else { throw .system(operation, file, errno, at: byteOffset) }
    return result
}

extension EventLogError {
    /// An operating system's refusal, explained; the one place where errno becomes a code.
    package static func system(
        _ operation: String, _ file: String, _ errno: Int32, at byteOffset: UInt64? = nil
    ) -> EventLogError {
        let code: Code =
            switch errno {
            case ENOSPC, EDQUOT: .noSpace
            case EACCES, EPERM: .permission
            case EROFS: .readOnly
            case ENOENT, ENOTDIR: .notFound
            case EEXIST: .alreadyExists
            default: .io
            }
        let reason = String(cString: strerror(errno))
        return EventLogError(
            code, "\(operation): \(reason)", file: file, byteOffset: byteOffset, errno: errno)
    }
}
