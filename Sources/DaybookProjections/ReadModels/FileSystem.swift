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

    /// Whether the file itself may be written, by its permissions.
    static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// Whether files can be made beside this one; SQLite needs that for a write-ahead log.
    static func folderIsWritable(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return access(folder.isEmpty ? "/" : folder, W_OK) == 0
    }

    /// What a symbolic link says; `nil` for anything else.
    static func target(of path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { buffer -> Int in
            guard let start = buffer.baseAddress else { return -1 }
            return readlink(path, start.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The hash of a file's content, in constant memory: of the hash so far and the next mebibyte.
    ///
    /// Never of a file that SQLite may have open in this process: closing any descriptor of a file drops
    /// the locks that the process has on it.
    static func hash(of path: String) throws -> RowHash {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { Glibc.close(descriptor) }
        // The hash so far stands in front of the next piece.
        let front = RowHash.zero.bytes.count
        var bytes = [UInt8](repeating: 0, count: front + 1 << 20)
        var hash = RowHash.zero
        while true {
            let count = try fill(&bytes, behind: front, from: descriptor, path)
            guard count > 0 else { return hash }
            bytes.replaceSubrange(..<front, with: hash.bytes)
            hash = bytes.withUnsafeBytes { RowHash(of: .init(rebasing: $0[..<(front + count)])) }
        }
    }

    /// Reads until the piece is full or the file ends, however little each call gives.
    ///
    /// - Parameter front: so many bytes at the beginning of the piece stay as they are.
    /// - Returns: how many bytes were read.
    private static func fill(
        _ piece: inout [UInt8], behind front: Int = 0, from descriptor: Int32, _ path: String
    ) throws -> Int {
        var end = front
        while end < piece.count {
            let count = piece.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: end), buffer.count - end)
            }
            guard count >= 0 || errno == EINTR else { throw failure("read", path) }
            if count == 0 { break }
            end += max(0, count)
        }
        return end - front
    }

    /// Copies a file's content to a new file, in constant memory; not durable.
    ///
    /// - Throws: `.full`, `.io`; then there is no new file.
    static func copy(_ path: String, to new: String) throws {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw failure("open", path) }
        defer { Glibc.close(source) }
        let target = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard target >= 0 else { throw failure("make", new) }
        defer { Glibc.close(target) }
        do {
            var piece = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try fill(&piece, from: source, path)
                guard count > 0 else { return }
                try write(piece[..<count], to: target, new)
            }
        } catch {
            unlink(new)
            throw error
        }
    }

    private static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String
    ) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw failure("write", path) }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// What may still be written to the disk that a file lies on; 0 when it does not say.
    static func freeByteCount(besides path: String) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// 0 for a file that is not there.
    static func byteCount(of path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// The names in a folder, sorted; none when there is no folder.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            guard errno == ENOENT else { throw failure("open", folder) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure("list", folder) }
        return names.sorted()
    }

    /// Makes a folder unless it is there.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("mkdir", path) }
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

    static func failure(_ action: String, _ path: String) -> ReadModelError {
        ReadModelError(
            code: errno == ENOSPC ? .full : .io,
            message: "\(action) failed: \(String(cString: strerror(errno)))", path: path)
    }
}

/// Which file a name means.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}
