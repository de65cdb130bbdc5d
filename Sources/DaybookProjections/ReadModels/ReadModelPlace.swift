internal import Glibc

/// Where one read model lives: a name that never changes, and files that are never renamed while
/// somebody has them open.
///
/// `orders.sqlite` is a symbolic link to the newest of `orders.1.sqlite`, `orders.2.sqlite`, …. SQLite names
/// the write-ahead log after the real file, so an exchange of the link, which is one rename, can
/// never bring a log together with a file that it does not belong to: whoever has the old file open goes
/// on in the old file, whoever looks again finds the new one.
///
/// Source: SQLite, "How To Corrupt An SQLite Database File", sections 2.3 and 2.4; ADR 0016.
package struct ReadModelPlace: Hashable, Sendable {
    /// The name that stays: `…/orders.sqlite`.
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    private var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }
    private var fileName: String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
    private var stem: String {
        fileName.hasSuffix(".sqlite") ? String(fileName.dropLast(7)) : fileName
    }

    /// The real file that the name means; the name itself when it is no link.
    package var realPath: String {
        FileSystem.target(of: path).map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" } ?? path
    }

    /// A new file for this place comes under this name; it is used once.
    package func nextPath() throws -> String {
        "\(folder)/\(stem).\((try generations().last?.number ?? 0) + 1).sqlite"
    }

    /// Earlier files that are kept, oldest first, each with its size in bytes.
    package func earlier() throws -> [(path: String, byteCount: UInt64)] {
        let current = realPath
        return try generations().map { "\(folder)/\($0.name)" }.filter { $0 != current }.map {
            ($0, FileSystem.byteCount(of: $0) + FileSystem.byteCount(of: $0 + "-wal"))
        }
    }

    /// Removes an earlier file; whoever still reads from it goes on in what it has open.
    package func remove(earlier file: String) throws {
        precondition(file != realPath, "ReadModelPlace: the live file is not removed")
        for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(file + suffix) }
    }

    /// Lets the name mean another file from now on, also after a power cut.
    package func point(to file: String) throws {
        let name = file.lastIndex(of: "/").map { String(file[file.index(after: $0)...]) } ?? file
        let link = path + ".link"
        try FileSystem.remove(link)
        guard symlink(name, link) == 0 else { throw FileSystem.failure("link to \(name)", link) }
        try FileSystem.rename(link, to: path)
        try FileSystem.syncFolder(of: path)
    }

    /// Gives a file from before there were links its number; nobody else may be writing to it.
    package func adoptPlainFile() throws {
        guard FileSystem.exists(path), FileSystem.target(of: path) == nil else { return }
        let real = try nextPath()
        for suffix in ["-wal", "-shm"] where FileSystem.exists(path + suffix) {
            try FileSystem.rename(path + suffix, to: real + suffix)
        }
        try FileSystem.rename(path, to: real)
        try point(to: real)
    }

    private func generations() throws -> [(number: Int, name: String)] {
        try FileSystem.names(in: folder).compactMap { name in
            guard name.hasPrefix(stem + "."), name.hasSuffix(".sqlite") else { return nil }
            let digits = name.dropFirst(stem.count + 1).dropLast(7)
            guard let number = Int(digits), number > 0, String(number) == digits else { return nil }
            return (number, name)
        }.sorted { $0.number < $1.number }
    }
}
