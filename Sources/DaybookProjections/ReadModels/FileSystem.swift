internal import Glibc

/// The few file operations that read models need, with errors that name the file.
enum FileSystem {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Device and inode: which file a name means right now; `nil` when it means none.
    static func identity(of path: String) -> FileIdentity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Whether files can be made beside this one; SQLite needs that for a write-ahead log.
    static func folderIsWritable(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return access(folder.isEmpty ? "/" : folder, W_OK) == 0
    }

    /// Whether a database's header names versions for writing and reading that SQLite knows; it serves
    /// one of a higher version for writing as a file that nobody may change. What is no database at
    /// all is left to SQLite.
    ///
    /// Source: SQLite, "Database File Format", section 1.3.
    static func hasKnownFileFormat(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        // Whoever opens it next says why it cannot be read.
        guard descriptor >= 0 else { return true }
        defer { Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: 20)
        guard pread(descriptor, &header, header.count, 0) == header.count,
            header.starts(with: "SQLite format 3\0".utf8)
        else { return true }
        return header[18...].allSatisfy { (1...2).contains($0) }
    }

    /// Waits out the moment between the two renames of a swap, in which the name means no file.
    ///
    /// Bounded: after a crash in that moment there is nothing to wait for.
    static func identityAfterSwap(of path: String) -> FileIdentity? {
        for _ in 0..<1_000 where exists(path + ".rebuild") {
            if let identity = identity(of: path) { return identity }
            sched_yield()
        }
        return identity(of: path)
    }

    static func rename(_ old: String, to new: String) throws {
        guard Glibc.rename(old, new) == 0 else { throw failure("rename to \(new)", old) }
    }

    /// Removes the file; one that is not there is no error.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Makes the names in the file's folder durable.
    static func syncFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", folder) }
    }

    /// Makes the file's content durable.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
    }

    private static func failure(_ action: String, _ path: String) -> ReadModelError {
        ReadModelError(
            code: .io, message: "\(action) failed: \(String(cString: strerror(errno)))", path: path)
    }
}

/// Which file a name means.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}
