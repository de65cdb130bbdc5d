import DaybookProjections
import Foundation
import Glibc

/// The real files of a simulated store (read models, vault), in memory where the machine has a place
/// for that.
///
/// SQLite itself works on them. A crash copies them as the next process would find them: a write-ahead
/// log that nothing has synced may have lost its end at any byte.
final class StoreFolder {
    private let root: String
    private(set) var life = 0

    init() throws {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        var template = Array((place + "/daybook-world-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else {
            throw StoreViolation(.simulation, "no folder for a simulated store in \(place)")
        }
        root = String(cString: made)
        try makeFolder(path)
    }

    deinit {
        // Best effort: it lies in memory and is tiny.
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Of the process that lives now.
    var path: String { "\(root)/\(life)" }
    /// For whoever builds something to compare with.
    var scratch: String { "\(root)/scratch" }

    private func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else {
            throw StoreViolation(.simulation, "the folder \(path) cannot be made: errno \(errno)")
        }
    }

    // MARK: Lives

    /// Copies everything for the next process; the old one may go on with what nobody sees.
    ///
    /// - Parameter chance: cuts the write-ahead logs of the read models; `nil`: nothing is lost.
    func beginNextLife(cuttingBy chance: Chance?) throws {
        let old = path
        life += 1
        try makeFolder(path)
        for name in try names(in: old) where !name.hasSuffix("-shm") {
            try write(try bytes(old + "/" + name), to: path + "/" + name)
        }
        guard access(old + "/read-models", F_OK) == 0 else { return }
        try makeFolder(path + "/read-models")
        for name in try names(in: old + "/read-models")
        where !name.hasSuffix("-shm") && !name.contains(".damaged-") {
            var content = try bytes(old + "/read-models/" + name)
            if let chance, name.hasSuffix("-wal"), !content.isEmpty, chance.happens(2, in: 3) {
                content.removeLast(chance.below(content.count + 1))
            }
            try write(content, to: path + "/read-models/" + name)
        }
        for name in ReadModelName.allCases {
            guard let target = link(old + "/read-models/" + name.fileName) else { continue }
            guard symlink(target, path(of: name)) == 0 else {
                throw StoreViolation(.simulation, "\(path(of: name)): errno \(errno)")
            }
        }
    }

    /// What a symbolic link says; `nil` for anything else.
    private func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// Removes what earlier processes left; nobody may have it open any more.
    func forgetEarlierLives() {
        for old in 0..<life { try? FileManager.default.removeItem(atPath: "\(root)/\(old)") }
    }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { name in
            var status = stat()
            return lstat(folder + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }

    // MARK: Read models

    func path(of name: ReadModelName) -> String { path + "/read-models/" + name.fileName }

    func has(_ name: ReadModelName) -> Bool { access(path(of: name), F_OK) == 0 }

    func lose(_ name: ReadModelName) {
        let real = ReadModelPlace(path(of: name)).realPath
        for suffix in ["", "-wal", "-shm"] { unlink(real + suffix) }
        unlink(path(of: name))
    }

    /// Changes the file itself, as rot would; its write-ahead log is gone with it.
    func damage(_ name: ReadModelName, _ body: (inout [UInt8]) -> Void) throws {
        let real = ReadModelPlace(path(of: name)).realPath
        var content = try bytes(real)
        body(&content)
        for suffix in ["-wal", "-shm"] { unlink(real + suffix) }
        try write(content, to: real)
    }

    // MARK: Bytes

    func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreViolation(.simulation, "\(path): errno \(errno)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StoreViolation(.simulation, "\(path): errno \(errno)")
        }
        return try [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count == buffer.count else {
                throw StoreViolation(.simulation, "\(path): short read")
            }
        }
    }

    private func write(_ content: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreViolation(.simulation, "\(path): errno \(errno)") }
        defer { close(descriptor) }
        guard
            content.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) })
                == content.count
        else { throw StoreViolation(.simulation, "\(path): short write") }
    }
}
