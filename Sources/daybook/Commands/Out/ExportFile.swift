import Glibc

/// A file that appears whole or not at all: written beside its place and renamed at the end.
final class ExportFile {
    private let path: String
    private var descriptor: Int32
    private var writer: StreamWriter

    private var partial: String { path + ".partial" }

    /// - Throws: ``Failure`` when the file is there already or cannot be made.
    init(path: String) throws(Failure) {
        self.path = path
        guard access(path, F_OK) != 0 else {
            throw Failure(
                .failed, code: "file_exists", "\(path) is there already and is not overwritten",
                details: ["path": .text(path)], wayOut: ["another --file"])
        }
        descriptor = open(path + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        writer = StreamWriter(descriptor: descriptor)
        guard descriptor >= 0 else { throw .file(path, "create", errorNumber: errno) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    /// - Returns: whether the file still takes data.
    func write(_ line: String) -> Bool {
        writer.write(line: line)
        return writer.errorNumber == nil
    }

    /// - Returns: whether the file still takes data.
    func write(bytes: [UInt8]) -> Bool {
        writer.write(bytes)
        return writer.errorNumber == nil
    }

    /// What the operating system said first, if it refused.
    var errorNumber: Int32? { writer.errorNumber }

    /// Makes it durable and gives it its name.
    func finish() throws(Failure) {
        writer.flush()
        if let errorNumber = writer.errorNumber {
            throw .file(path, "write", errorNumber: errorNumber)
        }
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else {
            throw .file(path, "finish", errorNumber: errno)
        }
        close(descriptor)
        descriptor = -1
    }
}
