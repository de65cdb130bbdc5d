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
        "\(folder)/\(stem).\((try numbers().map(\.number).max() ?? 0) + 1).sqlite"
    }

    /// Gives a finished file, which nobody has open, its number.
    ///
    /// - Returns: its new path.
    package func number(_ file: String) throws -> String {
        while true {
            let path = try nextPath()
            // Unlike a rename, a link is never put over what somebody else has just made.
            guard link(file, path) == 0 else {
                guard errno == EEXIST else { throw FileSystem.failure("link to \(path)", file) }
                continue
            }
            try FileSystem.remove(file)
            return path
        }
    }

    /// Earlier files that are kept, oldest first, each with its size in bytes.
    package func earlier() throws -> [(path: String, byteCount: UInt64)] {
        guard let live = number(of: realPath.split(separator: "/").last.map(String.init) ?? "")
        else { return [] }
        // One with a higher number is on its way to become the live one.
        return try numbers().filter { $0.isFile && $0.number < live.number }.map {
            let path = "\(folder)/\(stem).\($0.number).sqlite"
            return (path, FileSystem.byteCount(of: path) + FileSystem.byteCount(of: path + "-wal"))
        }
    }

    /// Removes an earlier file; whoever still reads from it goes on in what it has open.
    ///
    /// - Throws: when it has become the live one.
    package func remove(earlier file: String) throws {
        guard file != realPath else {
            throw ReadModelError(code: .misuse, message: "this is the live file", path: file)
        }
        for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(file + suffix) }
    }

    /// Removes what rebuilds that were killed have left; nobody may rebuild meanwhile.
    package func removeLeftovers() throws {
        for name in try FileSystem.names(in: folder) where name.hasPrefix(fileName + ".rebuild") {
            try FileSystem.remove("\(folder)/\(name)")
        }
    }

    /// Whether there is a file from before there were links.
    package var isPlain: Bool {
        FileSystem.exists(path) && FileSystem.target(of: path) == nil
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
        guard isPlain else { return }
        let real = try nextPath()
        for suffix in ["-wal", "-shm"] where FileSystem.exists(path + suffix) {
            try FileSystem.rename(path + suffix, to: real + suffix)
        }
        try FileSystem.rename(path, to: real)
        try point(to: real)
    }

    /// Every number that was given out, as far as anything is left of its file, ascending.
    private func numbers() throws -> [(number: Int, isFile: Bool)] {
        try FileSystem.names(in: folder).compactMap(number(of:)).sorted { $0.number < $1.number }
    }

    /// A write-ahead log whose file is gone keeps its number from being given out again: it would be
    /// read into the new file.
    private func number(of name: String) -> (number: Int, isFile: Bool)? {
        guard name.hasPrefix(stem + "."), let end = name.firstRange(of: ".sqlite")?.lowerBound
        else { return nil }
        let start = name.index(name.startIndex, offsetBy: stem.count + 1)
        guard start <= end, let number = Int(name[start..<end]), number > 0 else { return nil }
        return (number, name.hasSuffix(".sqlite"))
    }
}
